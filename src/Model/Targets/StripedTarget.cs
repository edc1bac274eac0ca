using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Profiles;

namespace DmSim.Model.Targets;

/// <summary>striped: chunks go to several devices in turn. "#stripes chunk [device start]..." (drivers/md/dm-stripe.c, 6.1).</summary>
public sealed class StripedType : TargetType
{
    /// <summary>kmalloc gives no more than 4 MiB at once; the context has 40 bytes and 24 for each stripe.</summary>
    private const uint MaxStripesInMemory = (4 * 1024 * 1024 - 80) / 24;

    public override string Name => "striped";
    public override TargetFeatures Features => TargetFeatures.PassesIntegrity | TargetFeatures.Nowait;

    public override Errno Construct(TargetArguments arguments, out Target? target)
    {
        target = null;
        string[] argv = arguments.Argv;
        if (argv.Length < 2)
            return arguments.Refuse(Errno.EINVAL, "Not enough arguments");
        if (!KernelParse.KstrToUInt(argv[0], out uint stripes) || stripes == 0)
            return arguments.Refuse(Errno.EINVAL, "Invalid stripe count");
        if (!KernelParse.KstrToUInt(argv[1], out uint chunk) || chunk == 0)
            return arguments.Refuse(Errno.EINVAL, "Invalid chunk_size");
        var (width, rest) = Math.DivRem(arguments.Length.Value, stripes);
        if (rest != 0)
            return arguments.Refuse(Errno.EINVAL, "Target length not divisible by number of stripes");
        if (width % chunk != 0)
            return arguments.Refuse(Errno.EINVAL, "Target length not divisible by chunk size");
        // In 32 bits, as there: 2^31 stripes want no destination at all.
        if ((uint)argv.Length != unchecked(2 + 2 * stripes))
            return arguments.Refuse(Errno.EINVAL, "Not enough destinations specified");
        if (stripes > MaxStripesInMemory)
            return arguments.Refuse(Errno.ENOMEM, "Memory allocation for striped context failed");
        var errno = GetStripes(arguments, stripes, out var devices);
        if (errno == Errno.None)
            target = new StripedTarget(arguments, new Sectors(width), chunk, devices);
        return errno;
    }

    private static Errno GetStripes(TargetArguments arguments, uint count, out List<Stripe> stripes)
    {
        stripes = [];
        for (int i = 0; i < count; i++)
        {
            var errno = GetStripe(arguments, 2 + 2 * i, out var stripe);
            if (errno != Errno.None)
            {
                for (int k = stripes.Count - 1; k >= 0; k--)
                    arguments.Table.PutDevice(stripes[k].Device);
                return arguments.Refuse(errno, "Couldn't parse stripe destination");
            }
            stripes.Add(stripe!);
        }
        return Errno.None;
    }

    private static Errno GetStripe(TargetArguments arguments, int at, out Stripe? stripe)
    {
        stripe = null;
        if (!KernelParse.U64(arguments.Argv[at + 1], arguments.Profile, out ulong start))
            return Errno.EINVAL;
        var errno = arguments.Table.GetDevice(arguments.Argv[at], arguments.Table.Mode, out var device);
        if (errno == Errno.None)
            stripe = new Stripe(device!, new Sectors(start));
        return errno;
    }
}

/// <summary>struct stripe.</summary>
internal sealed class Stripe(TableDevice device, Sectors start)
{
    public TableDevice Device { get; } = device;
    public Sectors Start { get; } = start;
    public int Errors { get; set; }
}

public sealed class StripedTarget : Target
{
    private const int DM_IO_ERROR_THRESHOLD = 15;

    private readonly List<Stripe> _stripes;
    private readonly Sectors _width;
    private readonly uint _chunk;
    private bool _eventQueued;

    internal StripedTarget(TargetArguments arguments, Sectors width, uint chunk, List<Stripe> stripes)
        : base(arguments)
    {
        _width = width;
        _chunk = chunk;
        _stripes = stripes;
        MaxIoLen = chunk;
        uint count = (uint)stripes.Count;
        NumFlushBios = count;
        FlushBypassesMap = true;
        NumDiscardBios = count;
        NumSecureEraseBios = count;
        NumWriteZeroesBios = count;
    }

    public override MapResult Map(TargetBio bio)
    {
        if (bio.IsPreflush)
        {
            // Data that comes along (KernelRule.FlushesKeepData) is not moved either, and ends up in other sectors than a write without a flush.
            bio.Device = _stripes[(int)bio.TargetBioNr].Device.Device;
            return MapResult.Remapped;
        }
        if (bio.Op is BioOp.Discard or BioOp.SecureErase or BioOp.WriteZeroes)
            return MapRange(bio, (int)bio.TargetBioNr);
        var (index, offset) = MapSector(bio.Sector);
        SendTo(bio, _stripes[index], offset);
        return MapResult.Remapped;
    }

    /// <summary>stripe_map_range: each stripe's clone takes the part of the range that is its own, which is one run of sectors.</summary>
    private MapResult MapRange(TargetBio bio, int index)
    {
        ulong begin = FirstSectorOf(index, bio.Sector);
        ulong end = FirstSectorOf(index, bio.EndSector);
        if (begin >= end)
        {
            bio.End(BlkStatus.Ok);
            return MapResult.Submitted;
        }
        SendTo(bio, _stripes[index], begin);
        bio.SectorCount = end - begin;
        return MapResult.Remapped;
    }

    private static void SendTo(TargetBio bio, Stripe stripe, ulong offset)
    {
        bio.Device = stripe.Device.Device;
        bio.Sector = unchecked(stripe.Start.Value + offset);
    }

    /// <summary>stripe_map_sector: which stripe has a sector, and where in it.</summary>
    private (int Stripe, ulong Offset) MapSector(ulong sector)
    {
        var (chunk, inChunk) = Math.DivRem(unchecked(sector - Begin.Value), _chunk);
        var (row, stripe) = Math.DivRem(chunk, (ulong)_stripes.Count);
        return ((int)stripe, row * _chunk + inChunk);
    }

    /// <summary>stripe_map_range_sector: the first sector in a stripe that is not before <paramref name="sector"/>.</summary>
    private ulong FirstSectorOf(int index, ulong sector)
    {
        var (stripe, offset) = MapSector(sector);
        if (stripe == index)
            return offset;
        ulong row = offset - offset % _chunk;
        return index < stripe ? row + _chunk : row;
    }

    /// <summary>
    /// stripe_end_io: counts errors of the device the bio came back from, for every stripe on it. The first fourteen raise an event,
    /// several at once only one.
    /// </summary>
    public override EndIoResult EndIo(TargetBio bio, ref BlkStatus status)
    {
        if (status is BlkStatus.Ok or BlkStatus.NotSupp || (bio.Flags & BioFlags.ReadAhead) != 0)
            return EndIoResult.Done;
        foreach (var stripe in _stripes)
        {
            if (stripe.Device.Device != bio.Device)
                continue;
            if (++stripe.Errors < DM_IO_ERROR_THRESHOLD && !_eventQueued)
            {
                _eventQueued = true;
                Table.Kernel.Work.Enqueue(TriggerEvent);
            }
        }
        return EndIoResult.Done;
    }

    private void TriggerEvent()
    {
        _eventQueued = false;
        Table.RaiseEvent();
    }

    public override string Status(StatusType type, bool noflush)
    {
        if (type == StatusType.Info)
            return $"{_stripes.Count} {string.Concat(_stripes.Select(s => s.Device.Name + " "))}1 "
                + string.Concat(_stripes.Select(s => s.Errors == 0 ? 'A' : 'D'));
        return type == StatusType.Table
            ? $"{_stripes.Count} {_chunk}{string.Concat(_stripes.Select(s => $" {s.Device.Name} {s.Start}"))}"
            : "";
    }

    public override bool HasIterateDevices => true;

    public override bool IterateDevices(Func<TableDevice, Sectors, Sectors, bool> visit) =>
        _stripes.Exists(stripe => visit(stripe.Device, stripe.Start, _width));

    /// <summary>stripe_io_hints, in 32 bits of bytes: a chunk of 4 GiB is none.</summary>
    public override QueueLimits IoHints(QueueLimits limits)
    {
        if (Table.Kernel.Profile.Has(KernelRule.StripedChunksBound))
            return NewerHints(limits);
        uint chunkBytes = unchecked(_chunk << Sectors.Shift);
        return limits with
        {
            IoMin = Math.Max(chunkBytes, Math.Max(limits.LogicalBlockSize, limits.PhysicalBlockSize)),
            IoOpt = unchecked(chunkBytes * (uint)_stripes.Count),
        };
    }

    /// <summary>stripe_io_hints (drivers/md/dm-stripe.c, 6.12): sizes that would overflow are left as they were.</summary>
    private QueueLimits NewerHints(QueueLimits limits)
    {
        ulong ioMin = (ulong)_chunk << Sectors.Shift, ioOpt = ioMin * (uint)_stripes.Count;
        limits = limits with { ChunkSectors = _chunk };
        if (ioMin <= uint.MaxValue && ioOpt <= uint.MaxValue)
            limits = limits with { IoMin = (uint)ioMin, IoOpt = (uint)ioOpt };
        if (!Table.Kernel.Profile.Has(KernelRule.StripedDiscardsWhole))
            return limits;
        uint discards = DiscardsOfAll(limits.MaxHwDiscardSectors);
        return limits with { MaxHwDiscardSectors = discards, MaxDiscardSectors = discards };
    }

    /// <summary>What of a discard goes to each stripe may be that large, so it may itself be larger; in whole rounds.</summary>
    private uint DiscardsOfAll(uint ofOne)
    {
        if (ofOne < _chunk)
            return ofOne;
        ulong all = (ulong)ofOne * (uint)_stripes.Count;
        if (all > uint.MaxValue)
            return uint.MaxValue >> Sectors.Shift;
        uint round = unchecked(_chunk * (uint)_stripes.Count);
        return (uint)all / round * round;
    }

    public override void Destroy()
    {
        foreach (var stripe in _stripes)
            Table.PutDevice(stripe.Device);
    }
}
