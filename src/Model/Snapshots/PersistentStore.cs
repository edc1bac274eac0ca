using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Model.Blocks;

namespace DmSim.Model.Snapshots;

/// <summary>
/// Exceptions on the COW device itself, in the kernel's format: a header in chunk 0, then areas of one chunk, each with the exceptions
/// of the chunks that follow it (drivers/md/dm-snap-persistent.c, 6.1). This file has how a store is read and how exceptions are added;
/// PersistentStore.Merge.cs how they are taken away, PersistentStore.Io.cs its chunks on the device.
/// </summary>
internal sealed partial class PersistentStore(BlockDevice origin, BlockDevice cow) : ExceptionStore(origin, cow)
{
    /// <summary>DM_MSG_PREFIX of dm-snap-persistent.c.</summary>
    private const string Module = "persistent snapshot";

    private const uint DM_CHUNK_SIZE_DEFAULT_SECTORS = 32;
    private const uint SNAP_MAGIC = 0x70416e53;
    private const int SNAPSHOT_DISK_VERSION = 1;
    private const int NUM_SNAPSHOT_HDR_CHUNKS = 1;

    /// <summary>sizeof(struct disk_exception).</summary>
    private const int ExceptionBytes = 16;

    /// <summary>Who commits exceptions: the worker in which the copier tells of its jobs.</summary>
    private const string Copier = Machine.SimulatedKernel.BoundWorker;

    private readonly List<PendingException> _callbacks = [];
    private int _version = SNAPSHOT_DISK_VERSION;
    private bool _valid = true;
    private uint _exceptionsPerArea;
    private ulong _currentArea;
    private ulong _nextFree = NUM_SNAPSHOT_HDR_CHUNKS + 1;
    private uint _currentCommitted;
    private int _pending;

    protected override bool TrySetOptions(string options)
    {
        if (options.Length == 0)
            return true;
        UserspaceSupportsOverflow = options[0] is 'O' or 'o';
        if (!UserspaceSupportsOverflow)
            Kernel.Log.Err(Module, $"Unsupported persistent store option: {options}");
        return UserspaceSupportsOverflow;
    }

    /// <summary>persistent_read_metadata: a COW device whose first bytes are zero gets a store.</summary>
    public override Errno ReadMetadata(Func<ulong, ulong, Errno> add, out bool invalid)
    {
        invalid = false;
        var errno = ReadHeader(out bool isNew);
        if (errno != Errno.None)
            return errno;
        _exceptionsPerArea = (ChunkSize << Sectors.Shift) / ExceptionBytes;
        if (isNew)
            return Initialize();
        if (_version != SNAPSHOT_DISK_VERSION)
        {
            Kernel.Log.Warn(Module, $"unable to handle snapshot disk version {_version}");
            return Errno.EINVAL;
        }
        invalid = !_valid;
        return invalid ? Errno.None : ReadExceptions(add);
    }

    /// <summary>read_header. The chunk size in it is right, whatever the table says.</summary>
    private Errno ReadHeader(out bool isNew)
    {
        isNew = false;
        bool chunkSizeSupplied = ChunkSize != 0;
        if (!chunkSizeSupplied)
            SetChunkSize(Math.Max(DM_CHUNK_SIZE_DEFAULT_SECTORS, Cow.Limits.LogicalBlockSize >> Sectors.Shift));
        var chunk = Chunk.Rent(ChunkBytes);
        byte[] header = chunk.Bytes;
        var errno = HeaderIo(BioOp.Read, header);
        if (errno != Errno.None)
            return errno;
        using var whole = chunk;
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(header);
        isNew = magic == 0;
        if (isNew)
            return Errno.None;
        if (magic != SNAP_MAGIC)
        {
            Kernel.Log.Warn(Module, "Invalid or corrupt snapshot");
            return Errno.ENXIO;
        }
        _valid = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4)) != 0;
        _version = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8));
        uint chunkSize = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12));
        if (chunkSize == ChunkSize)
            return Errno.None;
        if (chunkSizeSupplied)
            Kernel.Log.Warn(Module, $"chunk size {chunkSize} in device metadata overrides table chunk size of {ChunkSize}.");
        if (!TrySetChunkSize(chunkSize, out string error))
        {
            Kernel.Log.Err(Module, $"invalid on-disk chunk size {chunkSize}: {error}.");
            return Errno.EINVAL;
        }
        return Errno.None;
    }

    private Errno Initialize()
    {
        var errno = WriteHeader();
        if (errno != Errno.None)
        {
            Kernel.Log.Warn(Module, "write_header failed");
            return errno;
        }
        errno = ChunkIo(BioOp.Write, BioFlags.Sync, AreaLocation(0), Area);
        if (errno != Errno.None)
            Kernel.Log.Warn(Module, "zero_disk_area(0) failed");
        return errno;
    }

    /// <summary>read_exceptions, up to the first area that is not full. No read ahead: nobody sees what was not used.</summary>
    private Errno ReadExceptions(Func<ulong, ulong, Errno> add)
    {
        for (bool full = true; full; _currentArea++)
        {
            var errno = ChunkIo(BioOp.Read, BioFlags.None, AreaLocation(_currentArea), Area, ChunkSize > MaxBufioSectors ? MaxBioSectors : MaxBufioSectors);
            if (errno == Errno.None)
                errno = InsertExceptions(Area, add, out full);
            if (errno != Errno.None)
                return errno;
        }
        _currentArea--;
        SkipMetadata();
        return Errno.None;
    }

    /// <summary>insert_exceptions: one that points at the header ends the area.</summary>
    private Errno InsertExceptions(byte[] area, Func<ulong, ulong, Errno> add, out bool full)
    {
        full = true;
        for (uint i = 0; i < _exceptionsPerArea; i++)
        {
            var (oldChunk, newChunk) = ReadException(area, i);
            if (newChunk == 0)
            {
                _currentCommitted = i;
                full = false;
                break;
            }
            if (_nextFree <= newChunk)
                _nextFree = unchecked(newChunk + 1);
            var errno = add(oldChunk, newChunk);
            if (errno != Errno.None)
                return errno;
        }
        return Errno.None;
    }

    /// <summary>persistent_prepare_exception.</summary>
    public override bool TryPrepare(PendingException exception)
    {
        if (Cow.Capacity.Value < unchecked((_nextFree + 1) * ChunkSize))
            return false;
        exception.PlaceAt(_nextFree);
        _nextFree = unchecked(_nextFree + 1);
        SkipMetadata();
        _pending++;
        return true;
    }

    /// <summary>skip_metadata: the next free chunk is none that an area needs.</summary>
    private void SkipMetadata()
    {
        if (_nextFree % (_exceptionsPerArea + 1) == NUM_SNAPSHOT_HDR_CHUNKS)
            _nextFree = unchecked(_nextFree + 1);
    }

    /// <summary>
    /// persistent_commit_exception: nothing is written while others are under way, unless the area is full. Only ever one at a time is
    /// here, as the copier's worker waits for it.
    /// </summary>
    public override async ValueTask CommitAsync(PendingException exception, bool valid)
    {
        if (!valid)
            _valid = false;
        WriteException(_currentCommitted++, exception.Exception.OldChunk, exception.Exception.NewChunk);
        _callbacks.Add(exception);
        if (--_pending != 0 && _currentCommitted != _exceptionsPerArea)
            return;
        if (_currentCommitted == _exceptionsPerArea
            && await ChunkIoAsync(BioOp.Write, BioFlags.Sync, AreaLocation(_currentArea + 1), new byte[ChunkBytes], Copier) != Errno.None)
            _valid = false;
        if (_valid && await WriteAreaAsync(BioFlags.Sync, Copier) != Errno.None)
            _valid = false;
        if (_currentCommitted == _exceptionsPerArea)
        {
            _currentCommitted = 0;
            _currentArea++;
            Area.AsSpan().Clear();
        }
        foreach (var waiting in _callbacks)
            await waiting.CompleteAsync(_valid);
        _callbacks.Clear();
    }

    /// <summary>
    /// persistent_drop_snapshot. The worker that writes the header has its turn after those that were woken before, the copier's among them:
    /// what that reads is read before (chunk_io, flush_workqueue).
    /// </summary>
    public override void Drop()
    {
        _valid = false;
        bool written = false;
        Kernel.Work.EnqueueIo(() =>
        {
            if (WriteHeader() != Errno.None)
                Kernel.Log.Warn(Module, "write header failed");
            written = true;
        });
        Kernel.Blocks.SleepInSubmission(() => written);
    }

    /// <summary>persistent_usage.</summary>
    public override (ulong Total, ulong Allocated, ulong Metadata) Usage() => (
        Cow.Capacity.Value,
        unchecked(_nextFree * ChunkSize),
        unchecked((_currentArea + 1 + NUM_SNAPSHOT_HDR_CHUNKS) * ChunkSize));

    public override string TableWords => $"{(UserspaceSupportsOverflow ? "PO" : "P")} {ChunkSize}";
}
