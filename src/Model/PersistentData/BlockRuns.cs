namespace DmSim.Model.PersistentData;

/// <summary>
/// Groups 64-bit values that lie one after another in a node into runs of consecutive block numbers, for reference counts are
/// kept by ranges. Values are read as the runs are asked for.
/// </summary>
/// <param name="data">The node's block.</param>
/// <param name="offset">Of the first value.</param>
/// <param name="count">How many values.</param>
/// <param name="shift">How many low bits of a value are not its block number.</param>
/// <param name="joins">False: each value is a run of its own.</param>
internal ref struct BlockRuns(byte[] data, long offset, uint count, int shift, bool joins)
{
    private uint _next;

    public bool TryNext(out ulong begin, out ulong end)
    {
        begin = 0;
        end = 0;
        if (_next >= count)
            return false;
        begin = ValueAt(_next++);
        end = unchecked(begin + 1);
        while (joins && _next < count && ValueAt(_next) == end)
        {
            end = unchecked(end + 1);
            _next++;
        }
        return true;
    }

    private readonly ulong ValueAt(uint index) => LittleEndian.ReadU64(data, unchecked(offset + sizeof(ulong) * (long)index)) >> shift;
}
