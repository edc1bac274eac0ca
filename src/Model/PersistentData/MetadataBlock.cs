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
    internal Errno ReadError { get; set; }
    internal Errno WriteError { get; set; }

    internal BlockList? List { get; set; }
    internal MetadataBlock? Newer { get; set; }
    internal MetadataBlock? Older { get; set; }

    internal void Reuse(ulong location)
    {
        Location = location;
        Validator = null;
        WriteLocked = false;
        HoldCount = 0;
        Dirty = false;
        ReadError = Errno.None;
        WriteError = Errno.None;
    }
}

/// <summary>Blocks in the order of their last use.</summary>
internal sealed class BlockList
{
    public int Count { get; private set; }
    public MetadataBlock? Newest { get; private set; }
    public MetadataBlock? Oldest { get; private set; }

    /// <summary>Takes the block out of whatever list it is in and puts it here as the newest.</summary>
    public void MoveToNewest(MetadataBlock block)
    {
        if (block.List == this && Newest == block)
            return;
        block.List?.Remove(block);
        block.List = this;
        block.Newer = null;
        block.Older = Newest;
        if (Newest is not null)
            Newest.Newer = block;
        else
            Oldest = block;
        Newest = block;
        Count++;
    }

    public void Remove(MetadataBlock block)
    {
        if (block.List != this)
            throw new InvalidOperationException("a block was taken from a list that it is not in");
        if (block.Newer is not null)
            block.Newer.Older = block.Older;
        else
            Newest = block.Older;
        if (block.Older is not null)
            block.Older.Newer = block.Newer;
        else
            Oldest = block.Newer;
        block.List = null;
        block.Newer = null;
        block.Older = null;
        Count--;
    }
}
