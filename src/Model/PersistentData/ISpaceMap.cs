using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <summary>Counts the references to every block of an area, and finds unused ones: struct dm_space_map.</summary>
public interface ISpaceMap
{
    /// <summary>get_nr_blocks.</summary>
    ulong BlockCount { get; }

    /// <summary>get_nr_free: what the last transaction left, less what this one took. Damaged roots can make it wrap round.</summary>
    ulong FreeCount { get; }

    Errno Extend(ulong extraBlocks);

    Errno GetCount(ulong block, out uint count);

    /// <summary>count_is_more_than_one: may say true of a count that has just fallen from three.</summary>
    Errno IsShared(ulong block, out bool shared);

    /// <summary>inc_blocks: one more reference to each of [begin, end).</summary>
    Errno Increment(ulong begin, ulong end);

    /// <summary>dec_blocks.</summary>
    Errno Decrement(ulong begin, ulong end);

    /// <summary>new_block: a block that neither this transaction nor the last one uses, now with one reference.</summary>
    Errno NewBlock(out ulong block);

    /// <summary>commit: what is to be reached from <see cref="CopyRoot"/> is in blocks.</summary>
    Errno Commit();

    /// <summary>copy_root: writes the 32 bytes from which the map can be opened again.</summary>
    void CopyRoot(Span<byte> destination);
}

internal static class SpaceMapExtensions
{
    public static Errno Increment(this ISpaceMap map, ulong block) => map.Increment(block, unchecked(block + 1));

    public static Errno Decrement(this ISpaceMap map, ulong block) => map.Decrement(block, unchecked(block + 1));
}
