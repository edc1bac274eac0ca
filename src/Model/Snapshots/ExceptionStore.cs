using System.Numerics;
using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Machine;
using DmSim.Model.Targets;

namespace DmSim.Model.Snapshots;

/// <summary>
/// struct dm_exception_store: where a snapshot notes which chunks it has copied, and which chunk of the COW device is next
/// (drivers/md/dm-exception-store.c, 6.1).
/// </summary>
internal abstract class ExceptionStore(BlockDevice origin, BlockDevice cow)
{
    protected SimulatedKernel Kernel { get; } = cow.Kernel;

    /// <summary>dm_snap_cow: both sides of a handover have the same one.</summary>
    protected BlockDevice Cow { get; } = cow;

    /// <summary>In sectors. A snapshot that waits for its exceptions shows 0 until it has got them.</summary>
    public uint ChunkSize { get; set; }

    public ulong ChunkMask { get; private set; }
    public int ChunkShift { get; private set; }

    /// <summary>userspace_supports_overflow: the type is "PO".</summary>
    public bool UserspaceSupportsOverflow { get; set; }

    public ulong ToChunk(ulong sector) => sector >> ChunkShift;
    public ulong ToSector(ulong chunk) => chunk << ChunkShift;

    /// <summary>dm_exception_store_create: type and chunk size as the table has them. Null where the words are wrong.</summary>
    public static ExceptionStore? Create(string type, string chunkSize, BlockDevice origin, BlockDevice cow)
    {
        ExceptionStore? store = type is [var letter, ..] ? letter switch
        {
            'P' or 'p' => new PersistentStore(origin, cow),
            'N' or 'n' => new TransientStore(origin, cow),
            _ => null,
        } : null;
        if (store is null || !KernelParse.KstrToUInt(chunkSize, out uint size))
            return null;
        if (size != 0 && !store.TrySetChunkSize(size, out _))
            return null;
        return store.TrySetOptions(type[1..]) ? store : null;
    }

    /// <summary>What follows the letter of the type.</summary>
    protected abstract bool TrySetOptions(string options);

    /// <summary>dm_exception_store_set_chunk_size.</summary>
    protected bool TrySetChunkSize(uint size, out string error)
    {
        error = "";
        if (!BitOperations.IsPow2(size))
            error = "Chunk size is not a power of 2";
        else if (size % (Cow.Limits.LogicalBlockSize >> Sectors.Shift) != 0 || size % (origin.Limits.LogicalBlockSize >> Sectors.Shift) != 0)
            error = "Chunk size is not a multiple of device blocksize";
        else if (size > int.MaxValue >> Sectors.Shift)
            error = "Chunk size is too high";
        else
            SetChunkSize(size);
        return error.Length == 0;
    }

    protected void SetChunkSize(uint size)
    {
        ChunkSize = size;
        ChunkMask = size - 1;
        ChunkShift = BitOperations.TrailingZeroCount(size);
    }

    /// <summary>Whether a merge can be made of it: prepare_merge and commit_merge are there.</summary>
    public virtual bool CanMerge => false;

    /// <summary>read_metadata, in the constructor: calls <paramref name="add"/> for every exception of the store.</summary>
    /// <param name="invalid">The store says that the snapshot is of no use any more.</param>
    public abstract Errno ReadMetadata(Func<ulong, ulong, Errno> add, out bool invalid);

    /// <summary>prepare_exception: gives it a chunk of the COW device. False when there is none left.</summary>
    public abstract bool TryPrepare(PendingException exception);

    /// <summary>commit_exception: notes it; <see cref="PendingException.CompleteAsync"/> hears when that is done, or has failed.</summary>
    public abstract ValueTask CommitAsync(PendingException exception, bool valid);

    /// <summary>drop_snapshot: notes that the snapshot is of no use any more.</summary>
    public virtual void Drop() { }

    /// <summary>usage, in sectors.</summary>
    public abstract (ulong Total, ulong Allocated, ulong Metadata) Usage();

    /// <summary>The words for type and chunk size in the table line.</summary>
    public abstract string TableWords { get; }
}
