using DmSim.Abi;

namespace DmSim.Model.PersistentData;

/// <summary>
/// A block of metadata in memory: struct dm_block, which is a buffer of dm-bufio. Whoever has locked it may read
/// <see cref="Data"/>, and change it if the lock is for writing.
/// </summary>
public sealed class MetadataBlock
{
    internal MetadataBlock(ulong location, byte[] data)
    {
        Location = location;
        Data = data;
    }

    public ulong Location { get; internal set; }

    /// <summary>The 4096 bytes.</summary>
    public byte[] Data { get; }

    /// <summary>What it was last found to be, or was made as; null while nobody has looked.</summary>
    internal BlockValidator? Validator { get; set; }

    /// <summary>
    /// Whether the last lock was for writing. The kernel keeps one mark per block, not per lock (struct buffer_aux): this shows only
    /// where damaged metadata leads to the same block twice.
    /// </summary>
    internal bool WriteLocked { get; set; }

    internal int HoldCount { get; set; }
    internal bool Dirty { get; set; }

    /// <summary>Since 6.12: whether it was looked for since it came into its list.</summary>
    internal bool Referenced { get; set; }

    /// <summary>B_WRITING.</summary>
    internal bool Writing { get; set; }

    /// <summary>Whether its place is in the list of changed blocks.</summary>
    internal bool IsUnclean => Dirty || Writing;

    internal Errno ReadError { get; set; }
    internal Errno WriteError { get; set; }

    /// <summary>Its number among all that the cache has made.</summary>
    internal int Slot { get; init; }

    internal BlockList? List { get; set; }

    /// <summary>Whether it has its place already, while lists are put in order.</summary>
    internal bool IsMoved { get; set; }

    /// <summary>Neighbours in the list, by their slots; <see cref="BlockList.None"/> at the ends.</summary>
    internal int Newer { get; set; }
    internal int Older { get; set; }

    internal void Reuse(ulong location)
    {
        Location = location;
        Validator = null;
        WriteLocked = false;
        HoldCount = 0;
        Dirty = false;
        Writing = false;
        ReadError = Errno.None;
        WriteError = Errno.None;
    }
}

/// <summary>
/// Blocks in the order of their last use. The links are numbers, not references: every look at a block moves it, and a reference written
/// into an old object costs the garbage collector.
/// </summary>
/// <param name="slots">All blocks, by their slots.</param>
internal sealed class BlockList(List<MetadataBlock> slots)
{
    public const int None = -1;

    private int _newest = None;
    private int _oldest = None;

    public int Count { get; private set; }
    public MetadataBlock? Oldest => At(_oldest);

    public MetadataBlock? NewerThan(MetadataBlock block) => At(block.Newer);

    private MetadataBlock? At(int slot) => slot == None ? null : slots[slot];

    /// <summary>Takes the block out of whatever list it is in and puts it here as the newest.</summary>
    public void MoveToNewest(MetadataBlock block)
    {
        if (block.List != this)
        {
            block.List?.Remove(block);
            block.List = this;
            block.Referenced = false;
        }
        else if (_newest == block.Slot)
        {
            return;
        }
        else
        {
            Unlink(block);
        }
        block.Newer = None;
        block.Older = _newest;
        if (_newest != None)
            slots[_newest].Newer = block.Slot;
        else
            _oldest = block.Slot;
        _newest = block.Slot;
        Count++;
    }

    public void Remove(MetadataBlock block)
    {
        if (block.List != this)
            throw new InvalidOperationException("a block was taken from a list that it is not in");
        Unlink(block);
        block.List = null;
    }

    private void Unlink(MetadataBlock block)
    {
        if (block.Newer != None)
            slots[block.Newer].Older = block.Older;
        else
            _newest = block.Older;
        if (block.Older != None)
            slots[block.Older].Newer = block.Newer;
        else
            _oldest = block.Newer;
        Count--;
    }
}
