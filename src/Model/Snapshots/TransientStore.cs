using DmSim.Abi;
using DmSim.Model.Blocks;

namespace DmSim.Model.Snapshots;

/// <summary>Exceptions that nobody notes: they are gone with the snapshot (drivers/md/dm-snap-transient.c, 6.1).</summary>
internal sealed class TransientStore(BlockDevice origin, BlockDevice cow) : ExceptionStore(origin, cow)
{
    // In sectors.
    private ulong _nextFree;

    protected override bool TrySetOptions(string options) => true;

    public override Errno ReadMetadata(Func<ulong, ulong, Errno> add, out bool invalid)
    {
        invalid = false;
        return Errno.None;
    }

    public override bool TryPrepare(PendingException exception)
    {
        if (Cow.Capacity.Value < _nextFree + ChunkSize)
            return false;
        exception.PlaceAt(ToChunk(_nextFree));
        _nextFree += ChunkSize;
        return true;
    }

    public override ValueTask CommitAsync(PendingException exception, bool valid) => exception.CompleteAsync(valid);

    public override (ulong Total, ulong Allocated, ulong Metadata) Usage() => (Cow.Capacity.Value, _nextFree, 0);

    public override string TableWords => $"N {ChunkSize}";
}
