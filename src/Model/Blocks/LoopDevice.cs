using DmSim.Abi;
using DmSim.Model.Machine;

namespace DmSim.Model.Blocks;

/// <summary>A loop device: sectors kept in a <see cref="BackingStore"/> (drivers/block/loop.c, 6.1).</summary>
public sealed class LoopDevice : RequestDevice
{
    private Sectors _capacity;
    private bool _diskReadOnly;
    private bool _autoClear;

    // loop_add: queue limits of a device that never had a file. 1280 KiB at once.
    private QueueLimits _limits = new()
    {
        MaxHwSectors = QueueLimits.BLK_DEF_MAX_SECTORS,
        MaxSectors = QueueLimits.BLK_DEF_MAX_SECTORS,
    };

    internal LoopDevice(SimulatedKernel kernel, int index)
        : base(kernel, DeviceNumber.Loop(index), $"loop{index}")
    {
    }

    /// <summary>The file behind it (lo_backing_file), or null.</summary>
    public BackingStore? Store { get; private set; }

    public override Sectors Capacity => _capacity;
    public override bool ReadOnly => _diskReadOnly;
    public override QueueLimits Limits => _limits;

    /// <summary>loop_configure. EBUSY when it has a file already, or somebody has claimed it.</summary>
    internal Errno Attach(BackingStore store, bool readOnly)
    {
        if (IsClaimed || Store is not null)
            return Errno.EBUSY;
        Store = store;
        _diskReadOnly = readOnly;
        // loop_config_discard: punching holes in the file is what discard means.
        const uint maxDiscardSectors = uint.MaxValue >> Sectors.Shift;
        _limits = _limits with
        {
            WriteCache = !readOnly,
            DiscardGranularity = store.BlockSize,
            MaxDiscardSectors = maxDiscardSectors,
            MaxHwDiscardSectors = maxDiscardSectors,
            MaxWriteZeroesSectors = maxDiscardSectors,
            NonRotational = true,
        };
        // Uevents are held back while it is set up; one follows at the end.
        SetCapacity(new Bytes(store.Length).ToSectorsFloor());
        SendChange();
        return Errno.None;
    }

    /// <summary>
    /// loop_clr_fd, called with one opener, who asks for it: now if he is the only one, else at the last close. ENXIO without a file.
    /// </summary>
    internal Errno Detach()
    {
        if (Store is null)
            return Errno.ENXIO;
        if (Openers > 0)
            _autoClear = true;
        else
            Clear();
        return Errno.None;
    }

    /// <summary>LOOP_SET_CAPACITY after the file has changed its size. ENXIO without a file.</summary>
    internal Errno Resize(ulong length)
    {
        if (Store is null)
            return Errno.ENXIO;
        Store.SetLength(length);
        var old = _capacity;
        bool resized = SetCapacity(new Bytes(length).ToSectorsFloor());
        // set_capacity_and_notify (block/genhd.c) tells of a change from one size to another only; loop_set_size tells of the rest.
        if (resized && old != Sectors.Zero && _capacity != Sectors.Zero)
            Kernel.Uevents.Send("change", Name, "RESIZE=1");
        else
            SendChange();
        return Errno.None;
    }

    protected override void OnRelease(OpenMode mode)
    {
        if (Openers == 0 && Store is not null && _autoClear)
            Clear();
    }

    /// <summary>__loop_clr_fd. Its discard limits stay as they were.</summary>
    private void Clear()
    {
        Store = null;
        _autoClear = false;
        _capacity = Sectors.Zero;
        _limits = _limits with { WriteCache = false };
        SendChange();
        Kernel.Uevents.Send("change", Name, "DISK_MEDIA_CHANGE=1");
    }

    private void SendChange() => Kernel.Uevents.Send("change", Name);

    /// <summary>The part of set_capacity_and_notify that logs. False when nothing changes.</summary>
    private bool SetCapacity(Sectors capacity)
    {
        if (capacity == _capacity)
            return false;
        Kernel.RateLimits.Write("set_capacity_and_notify", 6,
            $"{Name}: detected capacity change from {_capacity} to {capacity}");
        _capacity = capacity;
        return true;
    }

    /// <summary>loop_queue_rq, loop_handle_cmd and do_req_filebacked.</summary>
    private protected override BlkStatus HandleRequest(BioOp op, BlockRequest request)
    {
        if (Store is not { } store || (op.IsWrite() && _diskReadOnly))
            return BlkStatus.IoErr;
        ulong position = request.Sector << Sectors.Shift;
        ulong length = request.SectorCount << Sectors.Shift;
        switch (op)
        {
            case BioOp.Flush:
                return BlkStatus.Ok;
            case BioOp.Discard:
                store.PunchHole(position, length);
                return BlkStatus.Ok;
            case BioOp.WriteZeroes when (request.Flags & BioFlags.NoUnmap) != 0:
                // FALLOC_FL_ZERO_RANGE: tmpfs has no such thing (mm/shmem.c, shmem_fallocate).
                return BlkStatus.NotSupp;
            case BioOp.WriteZeroes:
                store.PunchHole(position, length);
                return BlkStatus.Ok;
            case BioOp.Read:
                request.ForEachBio(bio => store.Read(bio.Sector << Sectors.Shift, bio.Data.Span));
                return BlkStatus.Ok;
            case BioOp.Write:
                request.ForEachBio(bio => store.Write(bio.Sector << Sectors.Shift, bio.Data.Span));
                return BlkStatus.Ok;
            default:
                return BlkStatus.IoErr;
        }
    }
}
