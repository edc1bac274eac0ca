namespace DmSim.Model.PersistentData;

/// <summary>One more, or one less, reference to each block of [Begin, End): struct block_op.</summary>
internal readonly record struct BlockOperation(bool Up, ulong Begin, ulong End);

/// <summary>
/// What is still to be counted in the metadata's space map (struct bop_ring_buffer). Counting a metadata block can take metadata
/// blocks; these are counted afterwards.
/// </summary>
internal sealed class BlockOperations
{
    /// <summary>MAX_RECURSIVE_ALLOCATIONS.</summary>
    public const int Capacity = 1024;

    private readonly Queue<BlockOperation> _operations = new();

    public bool IsEmpty => _operations.Count == 0;

    public bool TryAdd(BlockOperation operation)
    {
        if (_operations.Count == Capacity)
            return false;
        _operations.Enqueue(operation);
        return true;
    }

    public BlockOperation Peek() => _operations.Peek();

    public void Pop() => _operations.Dequeue();

    public void Clear() => _operations.Clear();

    /// <summary>By how much a block's count will change; it wraps round as the kernel's unsigned number does.</summary>
    public int AdjustmentOf(ulong block)
    {
        if (_operations.Count == 0)
            return 0;
        int adjustment = 0;
        foreach (var operation in _operations)
            if (block >= operation.Begin && block < operation.End)
                adjustment += operation.Up ? 1 : -1;
        return adjustment;
    }
}
