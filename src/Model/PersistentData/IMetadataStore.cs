using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <summary>
/// What metadata lies on: a device seen as 4 KiB blocks, numbered from 0. Every call is done when it returns; a failure is the errno
/// that the block layer's status becomes (blk_status_to_errno).
/// </summary>
public interface IMetadataStore
{
    /// <summary>Whole blocks on the device now; it may grow or shrink between calls.</summary>
    ulong BlockCount { get; }

    /// <summary>bdev_read_only: whether the device refuses writes.</summary>
    bool ReadOnly { get; }

    /// <summary>
    /// Whether writes have ended before who began them goes on. Otherwise they end while he sleeps: for a read, or for all of them.
    /// </summary>
    bool WritesEndAtOnce => true;

    /// <summary>Fills <paramref name="data"/>, 4096 bytes. A block past the end is EIO.</summary>
    Errno Read(ulong block, Span<byte> data);

    Errno Write(ulong block, ReadOnlySpan<byte> data);

    /// <summary>Begins all these writes, in order, and then waits until they have ended; answers how, one for each.</summary>
    IReadOnlyList<Errno> WriteAll(IReadOnlyList<(ulong Block, byte[] Data)> writes) => [.. writes.Select(write => Write(write.Block, write.Data))];

    /// <summary>Makes what was written before durable.</summary>
    Errno Flush();
}
