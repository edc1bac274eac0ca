namespace DmSim.Model.PageCache;

/// <summary>
/// Keeps the page cache within its memory: when there are too many pages, those that came first go, as far as they are clean and
/// nobody works on them (mm/vmscan.c does it by use; which pages go is not for programs to see but by the I/O it costs).
/// </summary>
internal sealed class PageReclaim
{
    /// <summary>Three quarters of one GiB.</summary>
    private const long MostPages = 192 * 1024;

    private readonly PageList _pages = new(static page => ref page.InMemory);

    /// <summary>Pages in memory.</summary>
    public long PagesHeld { get; private set; }

    /// <summary>NR_FILE_DIRTY.</summary>
    public long DirtyPages { get; set; }

    /// <summary>NR_WRITEBACK.</summary>
    public long WritebackPages { get; set; }

    public void Added(CachedPage page)
    {
        _pages.Add(page);
        if (++PagesHeld > MostPages)
            Shrink();
    }

    public void Dropped(CachedPage page)
    {
        _pages.Remove(page);
        PagesHeld--;
    }

    private void Shrink()
    {
        for (long looked = PagesHeld; looked > 0 && PagesHeld > MostPages; looked--)
        {
            var page = _pages.First!;
            if (page.IsDirty || page.IsLocked || page.IsUnderWriteback || !page.IsUptodate)
            {
                _pages.Remove(page);
                _pages.Add(page);
            }
            else
            {
                page.Space.Drop(page);
            }
        }
    }
}
