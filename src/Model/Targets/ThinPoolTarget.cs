using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Thin;

namespace DmSim.Model.Targets;

/// <summary>
/// thin-pool: the data device of thin volumes, and the metadata device that says which blocks are whose. "metadata-device data-device
/// block-size low-water-mark [#features feature...]" (drivers/md/dm-thin.c, 6.1). What it does is in <see cref="ThinPool"/>.
/// </summary>
public sealed class ThinPoolType : TargetType
{
    /// <summary>DATA_DEV_BLOCK_SIZE_MIN_SECTORS: 64 KiB, and every block size is a multiple of it.</summary>
    private const uint MinBlockSectors = 128;

    /// <summary>DATA_DEV_BLOCK_SIZE_MAX_SECTORS: 1 GiB.</summary>
    private const uint MaxBlockSectors = 1 << 21;

    private static readonly ArgumentRule FeatureCount = new(0, 4, "Invalid number of pool feature arguments");

    public override string Name => "thin-pool";

    public override TargetFeatures Features =>
        TargetFeatures.Singleton | TargetFeatures.AlwaysWriteable | TargetFeatures.Immutable;

    public override Errno Construct(TargetArguments arguments, out Target? target)
    {
        target = null;
        string[] argv = arguments.Argv;
        if (argv.Length < 4)
            return arguments.Refuse(Errno.EINVAL, "Invalid argument count");
        if (argv[0] == argv[1])
            return arguments.Refuse(Errno.EINVAL, "Error setting metadata or data device");
        var errno = ParseFeatures(arguments, out var features);
        if (errno != Errno.None)
            return errno;
        var table = arguments.Table;
        errno = table.GetDevice(argv[0], features.Mode == PoolMode.ReadOnly ? OpenMode.Read : OpenMode.ReadWrite, out var metadata);
        if (errno != Errno.None)
            return arguments.Refuse(errno, "Error opening metadata block device");
        ThinPool.WarnIfTooBig(metadata!.Device);
        errno = table.GetDevice(argv[1], OpenMode.ReadWrite, out var data);
        if (errno != Errno.None)
        {
            table.PutDevice(metadata);
            return arguments.Refuse(errno, "Error getting data device");
        }
        errno = Construct(arguments, features, metadata, data!, out target);
        if (errno != Errno.None)
        {
            table.PutDevice(data!);
            table.PutDevice(metadata);
        }
        return errno;
    }

    /// <summary>parse_pool_features. Words behind the group are not looked at.</summary>
    private static Errno ParseFeatures(TargetArguments arguments, out PoolFeatures features)
    {
        features = new PoolFeatures();
        var reader = new ArgumentReader(arguments);
        for (int i = 0; i < 4; i++)
            reader.Shift();
        if (reader.Count == 0)
            return Errno.None;
        if (reader.ReadGroup(FeatureCount, out uint count) != Errno.None)
            return Errno.EINVAL;
        for (; count > 0; count--)
        {
            if (!TryAdd(ref features, reader.Shift()!))
                return arguments.Refuse(Errno.EINVAL, "Unrecognised pool feature requested");
        }
        return Errno.None;
    }

    private static bool TryAdd(ref PoolFeatures features, string word)
    {
        if (KernelParse.SameWord(word, "skip_block_zeroing"))
            features = features with { ZeroNewBlocks = false };
        else if (KernelParse.SameWord(word, "ignore_discard"))
            features = features with { DiscardEnabled = false };
        else if (KernelParse.SameWord(word, "no_discard_passdown"))
            features = features with { DiscardPassdown = false };
        else if (KernelParse.SameWord(word, "read_only"))
            features = features with { Mode = PoolMode.ReadOnly };
        else if (KernelParse.SameWord(word, "error_if_no_space"))
            features = features with { ErrorIfNoSpace = true };
        else
            return false;
        return true;
    }

    private static Errno Construct(
        TargetArguments arguments, PoolFeatures features, TableDevice metadata, TableDevice data, out Target? target)
    {
        target = null;
        if (!KernelParse.KstrToULong(arguments.Argv[2], out ulong blockSectors)
            || blockSectors is < MinBlockSectors or > MaxBlockSectors || blockSectors % MinBlockSectors != 0)
            return arguments.Refuse(Errno.EINVAL, "Invalid block size");
        if (!KernelParse.KstrToULong(arguments.Argv[3], out ulong lowWaterBlocks))
            return arguments.Refuse(Errno.EINVAL, "Invalid low water mark");
        var owner = arguments.Table.Owner;
        var pool = owner.Kernel.ThinPools.Take(owner, metadata.Device, data.Device, (uint)blockSectors,
            features.Mode == PoolMode.ReadOnly, out bool created, out var errno, out string error);
        if (pool is null)
            return arguments.Refuse(errno, error);
        if (!created && features.DiscardEnabled != pool.Features.DiscardEnabled)
        {
            pool.Release();
            return arguments.Refuse(Errno.EINVAL, "Discard support cannot be disabled once enabled");
        }
        var control = new PoolControl(pool, arguments.Table, arguments.Length)
        {
            MetadataDevice = metadata,
            DataDevice = data,
            LowWaterBlocks = lowWaterBlocks,
            Requested = features,
            Adjusted = features,
        };
        errno = pool.Metadata.RegisterMetadataThreshold(control.MetadataThreshold, pool.MetadataIsLow);
        if (errno != Errno.None)
        {
            pool.Release();
            return arguments.Refuse(errno, "Error registering metadata threshold");
        }
        pool.Metadata.PreCommit = () => DeviceMetadataStore.Flush(pool.DataDevice);
        target = new ThinPoolTarget(arguments, control);
        return Errno.None;
    }
}

public sealed class ThinPoolTarget : Target
{
    private readonly PoolControl _control;
    private readonly ThinPool _pool;

    internal ThinPoolTarget(TargetArguments arguments, PoolControl control)
        : base(arguments)
    {
        _control = control;
        _pool = control.Pool;
        NumFlushBios = 1;
        if (control.Requested is { DiscardEnabled: true, DiscardPassdown: true })
        {
            NumDiscardBios = 1;
            DiscardsSupported = true;
        }
    }

    /// <summary>The volumes' I/O, and that of whoever uses the pool itself, goes to the data device as it is.</summary>
    public override MapResult Map(TargetBio bio)
    {
        bio.Device = _control.DataDevice.Device;
        return MapResult.Remapped;
    }

    public override bool HasMessage => true;

    public override Errno Message(string[] argv, out string? answer)
    {
        answer = null;
        return new PoolMessages(_pool).Handle(argv);
    }

    public override ValueTask PresuspendAsync() => _pool.PresuspendAsync();

    public override async ValueTask PostsuspendAsync()
    {
        _pool.Postsuspend();
        // The commit has slept: who was about to go on has done so.
        await Table.Kernel.Work.StandBack();
    }

    public override Errno Preresume() => _pool.Preresume(_control);

    public override ValueTask ResumeAsync() => _pool.ResumeAsync();

    public override string Status(StatusType type, bool noflush) => type switch
    {
        StatusType.Info => Info(noflush),
        StatusType.Table => TableText(),
        _ => "",
    };

    private string TableText()
    {
        var words = _control.Requested.Words();
        string features = string.Concat(words.Select(word => $"{word} "));
        return $"{_control.MetadataDevice.Name} {_control.DataDevice.Name} {_pool.BlockSectors} {_control.LowWaterBlocks} "
            + $"{words.Count} {features}";
    }

    /// <summary>pool_status. Unless told not to it commits first, so that the numbers are those on disk.</summary>
    private string Info(bool noflush)
    {
        if (_pool.Mode == PoolMode.Fail)
            return "Fail";
        if (!noflush && !Table.Owner.Suspended)
            _pool.Commit();
        var metadata = _pool.Metadata;
        if (Failed("dm_pool_get_metadata_transaction_id", metadata.GetTransactionId(out ulong transactionId))
            || Failed("dm_pool_get_free_metadata_block_count", metadata.GetFreeMetadataBlocks(out var freeMetadata))
            || Failed("dm_pool_get_metadata_dev_size", metadata.GetMetadataDeviceSize(out var allMetadata))
            || Failed("dm_pool_get_free_block_count", metadata.GetFreeDataBlocks(out var freeData))
            || Failed("dm_pool_get_data_dev_size", metadata.GetDataDeviceSize(out var allData))
            || Failed("dm_pool_get_metadata_snap", metadata.GetMetadataSnap(out var heldRoot)))
            return "Error";
        var features = _pool.Features;
        string held = heldRoot.Value == 0 ? "-" : heldRoot.ToString();
        string discard = !features.DiscardEnabled ? "ignore_discard"
            : features.DiscardPassdown ? "discard_passdown"
            : "no_discard_passdown";
        string noSpace = features.ErrorIfNoSpace ? "error_if_no_space" : "queue_if_no_space";
        ulong usedMetadata = unchecked(allMetadata.Value - freeMetadata.Value);
        ulong usedData = unchecked(allData.Value - freeData.Value);
        return $"{transactionId} {usedMetadata}/{allMetadata} {usedData}/{allData} {held} {_pool.ModeName} {discard} {noSpace} "
            + $"{(metadata.NeedsCheck ? "needs_check" : "-")} {_control.MetadataThreshold} ";
    }

    private bool Failed(string function, Errno errno)
    {
        if (errno != Errno.None)
            Table.Kernel.Log.Err(ThinPool.Module, $"{Table.Owner.DeviceName}: {function} returned {-(int)errno}");
        return errno != Errno.None;
    }

    public override bool HasIterateDevices => true;

    public override bool IterateDevices(Func<TableDevice, Sectors, Sectors, bool> visit) =>
        visit(_control.DataDevice, Sectors.Zero, Length);

    /// <summary>pool_io_hints: whole blocks are best.</summary>
    public override QueueLimits IoHints(QueueLimits limits)
    {
        uint block = _pool.BlockSectors;
        limits = limits with { MaxSectors = FactorOf(block, limits.MaxSectors) };
        uint optimal = limits.IoOpt >> Sectors.Shift;
        if (optimal < block || optimal % block != 0)
        {
            uint min = block % limits.MaxSectors == 0 ? limits.MaxSectors : block;
            limits = limits with
            {
                // blk_limits_io_min.
                IoMin = Math.Max(unchecked(min << Sectors.Shift), Math.Max(limits.LogicalBlockSize, limits.PhysicalBlockSize)),
                IoOpt = block << Sectors.Shift,
            };
        }
        if (!_control.Adjusted.DiscardEnabled)
            return limits with { DiscardGranularity = 0 };
        DisablePassdownIfNotSupported();
        return limits;
    }

    /// <summary>A largest I/O smaller than a block is cut to the largest power of two that a block is a multiple of.</summary>
    private static uint FactorOf(uint block, uint maxSectors)
    {
        if (maxSectors >= block)
            return maxSectors;
        while (block % maxSectors != 0)
        {
            if ((maxSectors & (maxSectors - 1)) == 0)
                maxSectors--;
            maxSectors = 1u << (31 - System.Numerics.BitOperations.LeadingZeroCount(maxSectors));
        }
        return maxSectors;
    }

    private void DisablePassdownIfNotSupported()
    {
        if (!_control.Adjusted.DiscardPassdown)
            return;
        var data = _control.DataDevice.Device;
        string? reason = data.Limits.MaxDiscardSectors == 0 ? "discard unsupported"
            : data.Limits.MaxDiscardSectors < _pool.BlockSectors ? "max discard sectors smaller than a block"
            : null;
        if (reason is null)
            return;
        Table.Kernel.Log.Warn(ThinPool.Module, $"Data device ({data.Name}) {reason}: Disabling discard passdown.");
        _control.Adjusted = _control.Adjusted with { DiscardPassdown = false };
    }

    public override void Destroy()
    {
        _pool.Unbind(_control);
        _pool.Release();
        Table.PutDevice(_control.MetadataDevice);
        Table.PutDevice(_control.DataDevice);
    }
}
