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
        Buffer = buffer;
        ComesFromCache(true, 1);
        var space = page.Space;
        Sector = page.Sector + (ulong)buffer * space.BlockSectors;
        ulong capacity = space.Device.Capacity.Value;
        SectorCount = Sector < capacity ? Math.Min(space.BlockSectors, capacity - Sector) : space.BlockSectors;
        Data = page.Bytes.Slice(buffer * (int)space.BlockSize, (int)SectorCount << Sectors.Shift);
        if (op == BioOp.Read && SectorCount < space.BlockSectors)
            page.Bytes.Span.Slice(buffer * (int)space.BlockSize, (int)space.BlockSize).Clear();
    }

    public CachedPage Page { get; }

    /// <summary>Which of the page's.</summary>
    public int Buffer { get; }
}
