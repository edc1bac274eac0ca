using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Profiles;
using DmSim.Model.Thin;

namespace DmSim.Model.Targets;

/// <summary>
/// thin: a volume whose blocks a pool gives when they are first written. "pool-device device-id [external-origin]"
/// (drivers/md/dm-thin.c, 6.1). What it does with I/O is in <see cref="ThinPool"/>.
/// </summary>
public sealed class ThinType : TargetType
{
    public override string Name => "thin";

    public override Errno Construct(TargetArguments arguments, out Target? target)
    {
        target = null;
        string[] argv = arguments.Argv;
        if (argv.Length is not (2 or 3))
            return arguments.Refuse(Errno.EINVAL, "Invalid argument count");
        var table = arguments.Table;
        TableDevice? origin = null;
        if (argv.Length == 3)
        {
            if (argv[0] == argv[2])
                return arguments.Refuse(Errno.EINVAL, "Error setting origin device");
            var found = table.GetDevice(argv[2], OpenMode.Read, out origin);
            if (found != Errno.None)
                return arguments.Refuse(found, "Error opening origin device");
        }
        var errno = table.GetDevice(argv[0], table.Mode, out var poolDevice);
        if (errno != Errno.None)
        {
            arguments.Error = "Error opening pool device";
        }
        else
        {
            errno = Construct(arguments, poolDevice!, origin, out target);
            if (errno != Errno.None)
                table.PutDevice(poolDevice!);
        }
        if (errno != Errno.None && origin is not null)
            table.PutDevice(origin);
        return errno;
    }

    private static Errno Construct(TargetArguments arguments, TableDevice poolDevice, TableDevice? origin, out Target? target)
    {
        target = null;
        var kernel = arguments.Table.Kernel;
        if (!PoolMessages.TryParseId(arguments.Argv[1], out var id))
            return arguments.Refuse(Errno.EINVAL, "Invalid device id");
        if (kernel.Devices.FindMapped(poolDevice.Device.Number) is not { } mapped)
            return arguments.Refuse(Errno.EINVAL, "Couldn't get pool mapped device");
        if (kernel.ThinPools.Find(mapped) is not { } pool)
            return arguments.Refuse(Errno.EINVAL, "Couldn't find pool object");
        if (pool.Mode == PoolMode.Fail)
            return arguments.Refuse(Errno.EINVAL, "Couldn't open thin device, Pool is in fail mode");
        var errno = pool.Metadata.OpenDevice(id, out var metadata);
        if (errno != Errno.None)
            return arguments.Refuse(errno, "Couldn't open thin internal device");
        if (pool.Suspended)
        {
            pool.Metadata.CloseDevice(metadata);
            return arguments.Refuse(Errno.EINVAL, "Unable to activate thin device while pool is suspended");
        }
        var volume = new ThinVolume(pool, arguments.Table.Owner, metadata) { PoolDevice = poolDevice, Origin = origin };
        pool.Hold();
        pool.Add(volume);
        target = new ThinTarget(arguments, volume);
        return Errno.None;
    }
}

public sealed class ThinTarget : Target
{
    /// <summary>Blocks that one cell of the prison covers at most (drivers/md/dm-bio-prison-v1.h, 6.12).</summary>
    private const uint BIO_PRISON_MAX_RANGE = 1024;

    private readonly ThinVolume _volume;
    private readonly ThinPool _pool;

    internal ThinTarget(TargetArguments arguments, ThinVolume volume)
        : base(arguments)
    {
        _volume = volume;
        _pool = volume.Pool;
        MaxIoLen = _pool.BlockSectors;
        NumFlushBios = 1;
        AccountsRemappedIo = true;
        FlushSupported = true;
        if (_pool.Features.DiscardEnabled)
        {
            DiscardsSupported = true;
            NumDiscardBios = 1;
            MaxDiscardGranularity = Table.Kernel.Profile.Has(KernelRule.ThinDiscardsByRange);
        }
    }

    internal ThinPool Pool => _pool;
    internal ThinId Id => _volume.Metadata.Id;

    public override MapResult Map(TargetBio bio)
    {
        // An empty flush starts at the first sector, whatever it was sent with (__send_empty_flush).
        bio.Sector = unchecked((bio.SectorCount == 0 ? 0 : bio.Sector) - Begin.Value);
        return _pool.Map(_volume, bio);
    }

    public override EndIoResult EndIo(TargetBio bio, ref BlkStatus status)
    {
        _pool.BioEnded(_volume, bio);
        return EndIoResult.Done;
    }

    public override async ValueTask PresuspendAsync()
    {
        if (Table.Owner.NoflushSuspending)
            await _pool.RunInWorkerAsync(_volume.StartRequeueing);
    }

    /// <summary>Whether the suspend was a noflush one is forgotten by now.</summary>
    public override async ValueTask PostsuspendAsync() => await _pool.RunInWorkerAsync(_volume.StopRequeueing);

    public override Errno Preresume()
    {
        if (_volume.Origin is { } origin)
            _volume.OriginSize = origin.Device.Capacity.Value;
        return Errno.None;
    }

    public override string Status(StatusType type, bool noflush)
    {
        if (_pool.Mode == PoolMode.Fail)
            return "Fail";
        return type switch
        {
            StatusType.Info => Info(),
            StatusType.Table => $"{_volume.PoolDevice.Name} {_volume.Metadata.Id}"
                + (_volume.Origin is { } origin ? $" {origin.Name}" : ""),
            _ => "",
        };
    }

    /// <summary>Mapped sectors, and the last sector of the highest mapped block.</summary>
    private string Info()
    {
        if (Failed("dm_thin_get_mapped_count", _pool.Metadata.GetMappedCount(_volume.Metadata, out ulong blocks))
            || Failed("dm_thin_get_highest_mapped_block", _pool.Metadata.GetHighestMappedBlock(_volume.Metadata, out var highest)))
            return "Error";
        ulong size = _pool.BlockSectors;
        string last = highest is { } block ? $"{unchecked((block.Value + 1) * size - 1)}" : "-";
        return $"{unchecked(blocks * size)} {last}";
    }

    private bool Failed(string function, Errno errno)
    {
        if (errno != Errno.None)
            Table.Kernel.Log.Err(ThinPool.Module, $"{function} returned {-(int)errno}");
        return errno != Errno.None;
    }

    public override bool HasIterateDevices => true;

    /// <summary>The whole blocks of the pool, as its line in force says.</summary>
    public override bool IterateDevices(Func<TableDevice, Sectors, Sectors, bool> visit)
    {
        if (_pool.Control is not { } control)
            return false;
        ulong blocks = control.Length.Value / _pool.BlockSectors;
        return blocks != 0 && visit(_volume.PoolDevice, Sectors.Zero, new Sectors(blocks * _pool.BlockSectors));
    }

    /// <summary>thin_io_hints: 16 GiB at once, in whole blocks.</summary>
    public override QueueLimits IoHints(QueueLimits limits)
    {
        if (!_pool.Features.DiscardEnabled)
            return limits;
        limits = limits with { DiscardGranularity = _pool.BlockSectors << Sectors.Shift };
        uint range = _pool.BlockSectors * BIO_PRISON_MAX_RANGE;
        return MaxDiscardGranularity ? limits with { MaxDiscardSectors = range, MaxHwDiscardSectors = range }
            : limits with { MaxDiscardSectors = 2048 * 1024 * 16 };
    }

    /// <summary>thin_dtr, in the kernel's order.</summary>
    public override void Destroy()
    {
        _pool.Remove(_volume);
        _pool.Release();
        _pool.Metadata.CloseDevice(_volume.Metadata);
        Table.PutDevice(_volume.PoolDevice);
        if (_volume.Origin is { } origin)
            Table.PutDevice(origin);
    }
}
