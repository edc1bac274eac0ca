using DmSim.Abi;
using DmSim.Model.Blocks;

namespace DmSim.Model.Snapshots;

/// <summary>Chunks that go back to the origin in one piece: the last of each, and how many there are.</summary>
internal readonly record struct MergeRun(ulong LastOldChunk, ulong LastNewChunk, uint Count);

/// <content>Merging takes exceptions away, the last one first.</content>
internal sealed partial class PersistentStore
{
    public override bool CanMerge => true;

    /// <summary>persistent_prepare_merge: the run of chunks at the end of the store; null count 0 when it is empty.</summary>
    public async ValueTask<(Errno Errno, MergeRun Run)> PrepareMergeAsync()
    {
        if (_currentCommitted == 0)
        {
            if (_currentArea == 0)
                return (Errno.None, default);
            _currentArea--;
            var errno = await ChunkIoAsync(BioOp.Read, BioFlags.None, AreaLocation(_currentArea), Area);
            if (errno != Errno.None)
                return (errno, default);
            _currentCommitted = _exceptionsPerArea;
        }
        var (oldChunk, newChunk) = ReadException(Area, _currentCommitted - 1);
        uint count = 1;
        for (; count < _currentCommitted; count++)
        {
            var before = ReadException(Area, _currentCommitted - 1 - count);
            if (before.OldChunk != unchecked(oldChunk - count) || before.NewChunk != unchecked(newChunk - count))
                break;
        }
        return (Errno.None, new MergeRun(oldChunk, newChunk, count));
    }

    /// <summary>persistent_commit_merge.</summary>
    public async ValueTask<Errno> CommitMergeAsync(uint merged)
    {
        for (uint i = 0; i < merged; i++)
            WriteException(_currentCommitted - 1 - i, 0, 0);
        var errno = await WriteAreaAsync(BioFlags.None);
        if (errno != Errno.None)
            return errno;
        _currentCommitted -= merged;
        _nextFree = unchecked(AreaLocation(_currentArea) + _currentCommitted + 1);
        return Errno.None;
    }
}
