namespace DmSim.Model.PersistentData;

/// <summary>
/// What a btree must know of its values (struct dm_btree_value_type): their size, and who counts references to what they name. Values
/// are handed over where they lie, one after another in a block.
/// </summary>
public abstract class BtreeValueType(uint size)
{
    /// <summary>Bytes of a value.</summary>
    public uint Size { get; } = size;

    /// <summary>A shared node was copied: its values have one user more.</summary>
    public virtual void Increment(byte[] block, long offset, uint count) { }

    /// <summary>Values were removed or overwritten.</summary>
    public virtual void Decrement(byte[] block, long offset, uint count) { }

    /// <summary>Whether overwriting the first value by the second leaves the same thing in use.</summary>
    public virtual bool NamesSame(byte[] block, long offset, ReadOnlySpan<byte> value) => false;
}

/// <summary>Values that name nothing.</summary>
internal sealed class PlainValueType(uint size) : BtreeValueType(size);

/// <summary>Values that are roots of trees in the level below (init_le64_type): counted, but not followed.</summary>
internal sealed class LocationValueType(TransactionManager manager) : BtreeValueType(sizeof(ulong))
{
    public override void Increment(byte[] block, long offset, uint count) => manager.IncrementRuns(block, offset, count);

    public override void Decrement(byte[] block, long offset, uint count) => manager.DecrementRuns(block, offset, count);

    public override bool NamesSame(byte[] block, long offset, ReadOnlySpan<byte> value) =>
        LittleEndian.ReadU64(block, offset) == System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(value);
}
