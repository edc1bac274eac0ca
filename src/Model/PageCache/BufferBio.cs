using DmSim.Abi;
using DmSim.Model.Blocks;

namespace DmSim.Model.PageCache;

/// <summary>The bio of one buffer of a page, cut to the device's end (fs/buffer.c, submit_bh_wbc, guard_bio_eod, 6.1).</summary>
internal sealed class BufferBio : Bio
{
    public BufferBio(CachedPage page, int buffer, BioOp op, BioFlags flags)
        : base(page.Space.Device, op, flags)
    {
        Page = page;
        Set(buffer);
    }

    /// <summary>For another buffer, once this one's has been read or written.</summary>
    public void Reuse(CachedPage page, int buffer, BioOp op, BioFlags flags)
    {
        Reuse(page.Space.Device, op, flags);
        Page = page;
        Set(buffer);
    }

    private void Set(int buffer)
    {
        var page = Page;
        Buffer = buffer;
        ComesFromCache(true, 1);
        var space = page.Space;
        Sector = page.Sector + (ulong)buffer * space.BlockSectors;
        ulong capacity = space.Device.Capacity.Value;
        SectorCount = Sector < capacity ? Math.Min(space.BlockSectors, capacity - Sector) : space.BlockSectors;
        Data = page.Bytes.Slice(buffer * (int)space.BlockSize, (int)SectorCount << Sectors.Shift);
        if (Op == BioOp.Read && SectorCount < space.BlockSectors)
            page.Bytes.Span.Slice(buffer * (int)space.BlockSize, (int)space.BlockSize).Clear();
    }

    public CachedPage Page { get; private set; }

    /// <summary>Which of the page's.</summary>
    public int Buffer { get; private set; }
}
