using System.Buffers.Binary;
using DmSim.Abi;

namespace DmSim.Model.Thin;

/// <content>What the mappings are, for who only looks.</content>
public sealed partial class PoolMetadata
{
    /// <summary>Every mapping of every volume, in order. Nothing is changed; what cannot be read is left out.</summary>
    internal IEnumerable<(ThinId Id, VirtualBlock Virtual, DataBlock Data)> ReadMappings()
    {
        if (_failIo || _objects is null)
            yield break;
        for (ulong id = 0; TryNext(Live.DeviceTrees, _root, ref id, out ulong tree); id++)
        {
            for (ulong block = 0; TryNext(Live.DeviceMappings, tree, ref block, out ulong mapping); block++)
                yield return (new ThinId(id), new VirtualBlock(block), new BlockTime(mapping).Block);
        }
    }

    private static bool TryNext(PersistentData.Btree tree, ulong root, ref ulong key, out ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bool found = tree.LookupNext(root, [key], out ulong next, bytes) == Errno.None && next >= key;
        key = next;
        value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return found;
    }
}
