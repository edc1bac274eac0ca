using DmSim.Abi;

namespace DmSim.Model.Blocks.Partitions;

/// <summary>Numbers for partitions: the lowest free minor of BLOCK_EXT_MAJOR (block/genhd.c, blk_alloc_ext_minor, 6.1).</summary>
internal sealed class ExtendedMinors
{
    private const uint BLOCK_EXT_MAJOR = 259;

    private readonly SortedSet<uint> _taken = [];

    public DeviceNumber Take()
    {
        uint minor = 0;
        while (!_taken.Add(minor))
            minor++;
        return new DeviceNumber(BLOCK_EXT_MAJOR, minor);
    }

    public void Free(DeviceNumber number) => _taken.Remove(number.Minor);
}
