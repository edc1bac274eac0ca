namespace DmSim.Model.PageCache;

/// <summary>
/// Keeps the page cache within its memory: when there are too many pages, those that came first go, as far as they are clean and
/// nobody works on them (mm/vmscan.c does it by use; which pages go is not for programs to see but by the I/O it costs).
/// </summary>
internal sealed class PageReclaim
{
    /// <summary>Three quarters of one GiB.</summary>
    private const long MostPages = 192 * 1024;

    private Queue<CachedPage> _pages = new();

    /// <summary>Pages in memory.</summary>
    public long PagesHeld { get; private set; }

    /// <summary>NR_FILE_DIRTY.</summary>
    public long DirtyPages { get; set; }

    public void Added(CachedPage page)
    {
        _pages.Enqueue(page);
        if (++PagesHeld > MostPages)
            Shrink();
        else if (_pages.Count > 2 * PagesHeld + 4096)
            _pages = new Queue<CachedPage>(_pages.Where(static page => !page.IsDropped));
    }

    public void Dropped() => PagesHeld--;

    private void Shrink()
    {
        for (int looked = _pages.Count; looked > 0 && PagesHeld > MostPages; looked--)
        {
            var page = _pages.Dequeue();
            if (page.IsDropped)
                continue;
            if (page.IsDirty || page.IsLocked || page.IsUnderWriteback || !page.IsUptodate)
                _pages.Enqueue(page);
            else
                page.Space.Drop(page);
        }
    }
}
