namespace DmSim.Model.PageCache;

/// <summary>
/// Pages in the order in which they came, which any of them can leave at once: struct list_head. The links lie in the pages, so that a list
/// keeps nothing of those that have left.
/// </summary>
/// <param name="linksOf">Which of a page's links are this list's.</param>
internal sealed class PageList(PageList.LinksOf linksOf)
{
    internal delegate ref Links LinksOf(CachedPage page);

    internal struct Links
    {
        public CachedPage? Previous, Next;
    }

    private CachedPage? _last;

    public CachedPage? First { get; private set; }

    public CachedPage? After(CachedPage page) => linksOf(page).Next;

    /// <summary>list_add_tail.</summary>
    public void Add(CachedPage page)
    {
        linksOf(page) = new Links { Previous = _last };
        if (_last is null)
            First = page;
        else
            linksOf(_last).Next = page;
        _last = page;
    }

    /// <summary>list_del.</summary>
    public void Remove(CachedPage page)
    {
        var (previous, next) = (linksOf(page).Previous, linksOf(page).Next);
        linksOf(page) = default;
        if (previous is null)
            First = next;
        else
            linksOf(previous).Next = next;
        if (next is null)
            _last = previous;
        else
            linksOf(next).Previous = previous;
    }
}
