using System.Runtime.InteropServices;
using DmSim.Abi;
using DmSim.Model.Blocks.Partitions;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Model.Blocks;

/// <summary>A loop device: sectors kept in a <see cref="BackingStore"/> (drivers/block/loop.c, 6.1).</summary>
public sealed partial class LoopDevice : RequestDevice
{
    private Sectors _capacity;
    private bool _diskReadOnly;

    // loop_add: queue limits of a device that never had a file. 1280 KiB at once.
    private QueueLimits _limits = new()
    {
        MaxHwSectors = QueueLimits.BLK_DEF_MAX_SECTORS,
        MaxSectors = QueueLimits.BLK_DEF_MAX_SECTORS,
    };

    internal LoopDevice(SimulatedKernel kernel, int index)
        : base(kernel, DeviceNumber.Loop(index), $"loop{index}")
    {
        _limits = _limits with { NonRotational = kernel.Profile.Has(KernelRule.LimitsValidated) };
        Queue.NoMerges = kernel.Profile.Has(KernelRule.LoopMerges) ? 0u : 2;
        CountDisk();
        Partitions = new DiskPartitions(this);
    }

    internal DiskPartitions Partitions { get; }

    /// <summary>Whether its table of partitions is looked at: without LO_FLAGS_PARTSCAN it is not (GD_SUPPRESS_PART_SCAN).</summary>
    internal bool ScansPartitions => (_status.Flags & LoopInfo.LO_FLAGS_PARTSCAN) != 0;

    /// <summary>The file behind it (lo_backing_file), or null.</summary>
    public BackingStore? Store { get; private set; }

    public override Sectors Capacity => _capacity;
    protected override bool DiskReadOnly => _diskReadOnly;
    public override QueueLimits Limits => _limits;
    internal override void ChangeLimits(Func<QueueLimits, QueueLimits> change) => _limits = change(_limits);

    /// <summary>LOOP_CONFIGURE of one that opens the device for just this. EBUSY when it has a file already, or somebody has claimed it.</summary>
    internal Errno Attach(BackingStore store, bool readOnly, uint blockSize) =>
        Configure(store, default(Status) with { BlockSize = blockSize }, readOnly, claimed: false);

    /// <summary>
    /// loop_clr_fd, called with one opener, who asks for it: now if he is the only one, else at the last close. ENXIO without a file.
    /// </summary>
    internal Errno Detach()
    {
        return Detach(otherOpeners: Openers);
    }

    /// <summary>LOOP_SET_CAPACITY after the file has changed its size. ENXIO without a file.</summary>
    internal Errno Resize(ulong length)
    {
        if (Store is null)
            return Errno.ENXIO;
        Store.SetLength(length);
        UpdateSize();
        return Errno.None;
    }

    /// <summary>loop_set_size with what get_size answers now.</summary>
    private void UpdateSize()
    {
        var old = _capacity;
        bool resized = SetCapacity(FileSize(Store!));
        // set_capacity_and_notify (block/genhd.c) tells of a change from one size to another only; loop_set_size tells of the rest.
        if (resized && old != Sectors.Zero && _capacity != Sectors.Zero)
            Kernel.Uevents.Send("change", Name, "RESIZE=1");
        else
            SendChange();
    }

    protected override Errno OnOpen(OpenMode mode)
    {
        var errno = base.OnOpen(mode);
        if (errno == Errno.None && Partitions.NeedsScan)
            Partitions.Scan();
        return errno;
    }

    /// <summary>loop_reread_partitions, and its like in __loop_clr_fd.</summary>
    private void ScanPartitions(string function, string file)
    {
        var errno = Partitions.Scan();
        if (errno != Errno.None)
            Kernel.Log.Write(4, $"{function}: partition scan of {Name}{file} failed (rc=-{(int)errno})");
    }

    protected override void OnRelease(OpenMode mode)
    {
        base.OnRelease(mode);
        if (Openers == 0 && Store is not null && (_status.Flags & LoopInfo.LO_FLAGS_AUTOCLEAR) != 0)
            Clear();
    }

    internal override bool SleepsAfterClose => Openers == 0 && Store is not null && Kernel.Profile.Has(KernelRule.LoopCloseFreezes);

    /// <summary>__loop_clr_fd. Its discard limits stay as they were.</summary>
    private void Clear()
    {
        var store = Store!;
        bool scans = ScansPartitions;
        Store = null;
        _status = default;
        _capacity = Sectors.Zero;
        _limits = _limits with { WriteCache = Kernel.Profile.Has(KernelRule.LoopLimitsUpdated) && _limits.WriteCache, LogicalBlockSize = 512, PhysicalBlockSize = 512, IoMin = 512 };
        SendChange();
        if (Kernel.Profile.Has(KernelRule.LoopMediaChange))
            Kernel.Uevents.Send("change", Name, "DISK_MEDIA_CHANGE=1");
        CountDisk();
        // disk_force_media_change: partitions that were made by hand stay until somebody opens the device.
        Partitions.NeedsScan = true;
        if (scans)
            ScanPartitions("__loop_clr_fd", "");
        store.Close();
    }

    private void SendChange() => Kernel.Uevents.Send("change", Name);

    /// <summary>The part of set_capacity_and_notify that logs. False when nothing changes.</summary>
    private bool SetCapacity(Sectors capacity)
    {
        if (capacity == _capacity)
            return false;
        if (Kernel.Profile.Has(KernelRule.LoopCapacityInSectors))
            Kernel.RateLimits.Write("set_capacity_and_notify", 6, $"{Name}: detected capacity change from {_capacity} to {capacity}");
        else
            Kernel.Log.Write(6, $"{Name}: detected capacity change from {_capacity.ToBytes()} to {capacity.ToBytes()}");
        _capacity = capacity;
        return true;
    }

    /// <summary>Lo_bound, as loop_queue_rq asks for it.</summary>
    private protected override bool TakesRequests => Store is not null;

    /// <summary>loop_queue_rq, loop_handle_cmd and do_req_filebacked.</summary>
    private protected override BlkStatus? HandleRequest(BioOp op, BlockRequest request)
    {
        if (Store is not { } store || (op.IsWrite() && _diskReadOnly))
            return BlkStatus.IoErr;
        ulong position = unchecked((request.Sector << Sectors.Shift) + _status.Offset);
        ulong length = request.SectorCount << Sectors.Shift;
        switch (op)
        {
            case BioOp.Flush:
                return store.Flush() == Errno.None ? BlkStatus.Ok : BlkStatus.IoErr;
            case BioOp.Discard:
                return ToStatus(store.PunchHole(position, length));
            case BioOp.WriteZeroes when (request.Flags & BioFlags.NoUnmap) != 0:
                // FALLOC_FL_ZERO_RANGE: tmpfs has no such thing (mm/shmem.c, shmem_fallocate).
                if (Kernel.Profile.Has(KernelRule.LoopLimitsUpdated))
                    _limits = _limits with { MaxWriteZeroesSectors = 0 };
                return BlkStatus.NotSupp;
            case BioOp.WriteZeroes:
                return ToStatus(store.PunchHole(position, length));
            case BioOp.Write when CanWait(request) && TryWriteLater(store, position, request):
                return null;
            case BioOp.Read:
            case BioOp.Write:
                return MoveData(store, op, request);
            default:
                return BlkStatus.IoErr;
        }
    }

    /// <summary>Where in the range there are bytes that may be other than zero; all of it when there is no file to ask.</summary>
    internal (ulong Start, ulong End) NextData(ulong offset, ulong end)
    {
        if (Store is not { } store)
            return (offset, end);
        var (start, stop) = store.NextData(unchecked(offset + _status.Offset), unchecked(end + _status.Offset));
        return (start - _status.Offset, stop - _status.Offset);
    }

    /// <summary>Nobody waits for what is written back because there is too much of it: a worker of loop's does that on another processor.</summary>
    private bool CanWait(BlockRequest request) => (request.Flags & BioFlags.Background) != 0 && request.SectorCount >= LateSectors && !Kernel.Blocks.RunsAtOnce;

    /// <summary>64 KiB: less is written sooner than told.</summary>
    private const ulong LateSectors = 128;

    private bool TryWriteLater(BackingStore store, ulong position, BlockRequest request)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        for (int i = 0; i < request.BioCount;)
            pieces.Add(TakePiece(request, ref i));
        return store.TryWriteLater(position, pieces, errno => Kernel.Interrupts.Raise(() => Finish(request, ToStatus(errno))));
    }

    private protected override void SettleRequests()
    {
        Store?.Settle();
        Kernel.Interrupts.Handle();
    }

    private BlkStatus MoveData(BackingStore store, BioOp op, BlockRequest request)
    {
        ulong offset = _status.Offset;
        var errno = Errno.None;
        for (int i = 0; errno == Errno.None && i < request.BioCount;)
        {
            ulong position = unchecked((request.BioAt(i).Sector << Sectors.Shift) + offset);
            var data = TakePiece(request, ref i);
            if (op == BioOp.Read)
            {
                (errno, int read) = store.Read(position, data.Span);
                if (!Kernel.Profile.Has(KernelRule.ReadsLeaveHoles))
                    store.FillHoles(position, data.Length);
                if (errno == Errno.None && read < data.Length)
                    return ReadShort(store, request);
            }
            else
            {
                errno = store.Write(position, data.Span);
            }
        }
        return ToStatus(errno);
    }

    /// <summary>
    /// A request that reaches beyond the end of the file. lo_read_simple (6.1) makes zeros of all of it, also of what is there.
    /// lo_complete_rq (6.12) ends as much as was read and asks for the rest, of which nothing is an error. It goes on at whole sectors: where
    /// the file ends within one, that is read again and again, until the request is full.
    /// </summary>
    private BlkStatus ReadShort(BackingStore store, BlockRequest request)
    {
        byte[] data = new byte[request.SectorCount << Sectors.Shift];
        var status = BlkStatus.Ok;
        if (Kernel.Profile.Has(KernelRule.LoopReadsEnd))
        {
            int at = 0;
            while (at < data.Length && status == BlkStatus.Ok)
            {
                var (errno, read) = store.Read(unchecked((request.Sector << Sectors.Shift) + _status.Offset), data.AsSpan(at));
                status = errno != Errno.None ? ToStatus(errno) : read == 0 ? BlkStatus.IoErr : BlkStatus.Ok;
                at += read;
                request.EndPart((uint)read);
            }
        }
        int copied = 0;
        for (int i = 0; i < request.BioCount; i++)
        {
            var part = request.BioAt(i).Data;
            data.AsMemory(copied, part.Length).CopyTo(part);
            copied += part.Length;
        }
        return status;
    }

    /// <summary>
    /// The data from a bio on as far as it is one piece for the file: that of bios that continue each other in memory, as those of pages
    /// written together do.
    /// </summary>
    /// <param name="bio">Number of the first; then of the first that is not part of it.</param>
    private static Memory<byte> TakePiece(BlockRequest request, ref int bio)
    {
        var data = request.BioAt(bio++).Data;
        for (; bio < request.BioCount && TryJoin(data, request.BioAt(bio).Data, out var joined); bio++)
            data = joined;
        return data;
    }

    private static bool TryJoin(Memory<byte> left, Memory<byte> right, out Memory<byte> joined)
    {
        joined = default;
        if (!MemoryMarshal.TryGetArray<byte>(left, out var first) || !MemoryMarshal.TryGetArray<byte>(right, out var second)
            || first.Array != second.Array || first.Offset + first.Count != second.Offset)
            return false;
        joined = new Memory<byte>(first.Array, first.Offset, first.Count + second.Count);
        return true;
    }

    /// <summary>loop_handle_cmd: what the file system says beyond EOPNOTSUPP is an I/O error.</summary>
    private static BlkStatus ToStatus(Errno errno) => errno switch
    {
        Errno.None => BlkStatus.Ok,
        Errno.EOPNOTSUPP => BlkStatus.NotSupp,
        _ => BlkStatus.IoErr,
    };
}
