using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <summary>What makes a block a node of a btree (dm-btree-spine.c, node_check, 6.1).</summary>
internal sealed class BtreeNodeValidator() : BlockValidator("btree_node", 121107)
{
    private const string Module = "btree spine";

    public static readonly BtreeNodeValidator Instance = new();

    public override Errno Check(ulong location, byte[] data, IMetadataLog log)
    {
        if (StoredLocation(data) != location)
        {
            log.ErrLimited("node_check", 0, Module, $"node_check failed: blocknr {StoredLocation(data)} != wanted {location}");
            return Errno.ENOTBLK;
        }
        uint checksum = Checksum(data);
        if (checksum != StoredChecksum(data))
        {
            log.ErrLimited("node_check", 1, Module, $"node_check failed: csum {checksum} != wanted {StoredChecksum(data)}");
            return Errno.EILSEQ;
        }
        var node = new BtreeNode(data);
        ulong needed = unchecked(BtreeNode.HeaderBytes + (BtreeNode.KeyBytes + (ulong)node.ValueSize) * node.MaxEntries);
        if (needed > BlockManager.BlockSize)
        {
            log.ErrLimited("node_check", 2, Module, "node_check failed: max_entries too large");
            return Errno.EILSEQ;
        }
        if (node.Count > node.MaxEntries)
        {
            log.ErrLimited("node_check", 3, Module, "node_check failed: too many entries");
            return Errno.EILSEQ;
        }
        if (!node.IsInternal && !node.IsLeaf)
        {
            log.ErrLimited("node_check", 4, Module, "node_check failed: node is neither INTERNAL or LEAF");
            return Errno.EILSEQ;
        }
        return Errno.None;
    }
}
