namespace DmSim.Model.PageCache;

/// <summary>Pages by number: i_pages, an xarray (lib/xarray.c, 6.1), of one level. What is read or written in a row lies in one node.</summary>
internal sealed class PageTree
{
    /// <summary>XA_CHUNK_SHIFT.</summary>
    private const int NodeShift = 6;

    private const int NodeMask = (1 << NodeShift) - 1;

    private sealed class Node
    {
        public readonly CachedPage?[] Pages = new CachedPage?[NodeMask + 1];
        public int Count;
    }

    private readonly Dictionary<ulong, Node> _nodes = [];

    // The node that was used last.
    private ulong _lastNumber;
    private Node? _last;

    public int Count { get; private set; }

    private Node? NodeOf(ulong index)
    {
        ulong number = index >> NodeShift;
        if (_last is not null && number == _lastNumber)
            return _last;
        if (!_nodes.TryGetValue(number, out var node))
            return null;
        (_lastNumber, _last) = (number, node);
        return node;
    }

    public CachedPage? Find(ulong index) => NodeOf(index)?.Pages[(int)(index & NodeMask)];

    /// <summary>There must be none of that number yet.</summary>
    public void Add(CachedPage page)
    {
        var node = NodeOf(page.Index);
        if (node is null)
        {
            node = new Node();
            _nodes.Add(page.Index >> NodeShift, node);
        }
        ref var place = ref node.Pages[(int)(page.Index & NodeMask)];
        if (place is not null)
            throw new InvalidOperationException($"page {page.Index} of {page.Space.Device.Name} is in memory already");
        place = page;
        node.Count++;
        Count++;
    }

    /// <summary>False when it is not there.</summary>
    public bool Remove(CachedPage page)
    {
        var node = NodeOf(page.Index);
        if (node?.Pages[(int)(page.Index & NodeMask)] != page)
            return false;
        node.Pages[(int)(page.Index & NodeMask)] = null;
        Count--;
        if (--node.Count > 0)
            return true;
        _nodes.Remove(page.Index >> NodeShift);
        _last = null;
        return true;
    }

    /// <summary>The pages of a range as they are now, in order; both numbers included.</summary>
    public List<CachedPage> Between(ulong first, ulong last)
    {
        if (Count == 0)
            return [];
        var found = new List<CachedPage>((int)Math.Min((ulong)Count, last - first));
        if ((last >> NodeShift) - (first >> NodeShift) < (ulong)_nodes.Count)
        {
            for (ulong number = first >> NodeShift; number <= last >> NodeShift; number++)
                if (_nodes.TryGetValue(number, out var node))
                    Collect(node, first, last, found);
            return found;
        }
        foreach (ulong number in _nodes.Keys.Where(number => number >= first >> NodeShift && number <= last >> NodeShift).Order())
            Collect(_nodes[number], first, last, found);
        return found;
    }

    private static void Collect(Node node, ulong first, ulong last, List<CachedPage> found)
    {
        foreach (var page in node.Pages)
            if (page is not null && page.Index >= first && page.Index <= last)
                found.Add(page);
    }
}
