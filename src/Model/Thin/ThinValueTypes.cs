using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Model.PersistentData;

namespace DmSim.Model.Thin;

/// <summary>Mappings: each counts once for its data block (data_block_inc, data_block_dec, data_block_equal).</summary>
internal sealed class MappingValueType(DiskSpaceMap data) : BtreeValueType(sizeof(ulong))
{
    public override void Increment(byte[] block, long offset, uint count)
    {
        var runs = new BlockRuns(block, offset, count, BlockTime.TimeBits, data.CountsRanges);
        while (runs.TryNext(out ulong begin, out ulong end))
            data.Increment(begin, end);
    }

    public override void Decrement(byte[] block, long offset, uint count)
    {
        var runs = new BlockRuns(block, offset, count, BlockTime.TimeBits, data.CountsRanges);
        while (runs.TryNext(out ulong begin, out ulong end))
            data.Decrement(begin, end);
    }

    public override bool NamesSame(byte[] block, long offset, ReadOnlySpan<byte> value)
    {
        var old = new BlockTime(LittleEndian.ReadU64(block, offset));
        return old.Block == new BlockTime(BinaryPrimitives.ReadUInt64LittleEndian(value)).Block;
    }
}

/// <summary>The mapping trees of whole devices: to remove one is to give up its tree (subtree_inc, subtree_dec, subtree_equal).</summary>
internal sealed class DeviceTreeValueType(TransactionManager manager, Btree mappings, IMetadataLog log)
    : BtreeValueType(sizeof(ulong))
{
    public override void Increment(byte[] block, long offset, uint count)
    {
        for (uint i = 0; i < count; i++)
            manager.Increment(RootAt(block, offset, i));
    }

    public override void Decrement(byte[] block, long offset, uint count)
    {
        for (uint i = 0; i < count; i++)
            if (mappings.Delete(RootAt(block, offset, i)) != Errno.None)
                log.Err(PoolMetadata.Module, "btree delete failed");
    }

    public override bool NamesSame(byte[] block, long offset, ReadOnlySpan<byte> value) =>
        LittleEndian.ReadU64(block, offset) == BinaryPrimitives.ReadUInt64LittleEndian(value);

    private static ulong RootAt(byte[] block, long offset, uint index) =>
        LittleEndian.ReadU64(block, offset + (long)index * sizeof(ulong));
}
