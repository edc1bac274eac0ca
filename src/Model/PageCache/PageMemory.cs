using System.Buffers;
using DmSim.Model.Blocks;

namespace DmSim.Model.PageCache;

/// <summary>
/// The memory of pages that follow each other. When the last of them has left the cache others get it: to take fresh memory from the
/// system for each page that is read costs more than all else that is done with it.
/// </summary>
internal sealed class PageMemory
{
    private const int PageSize = (int)QueueLimits.PAGE_SIZE;

    /// <summary>What readahead takes at once. More than that is not used again, nor is what is too little to be worth it.</summary>
    public const int UsualPages = 32;

    private const int LeastPages = 16;

    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(UsualPages * PageSize, maxArraysPerBucket: 4096);

    private readonly byte[] _bytes;
    private readonly bool _isPooled;
    private int _pagesLeft;

    /// <param name="pages">How many pages it is for. What was in it is still there.</param>
    public PageMemory(int pages)
    {
        int bytes = pages * PageSize;
        _pagesLeft = pages;
        _isPooled = pages is >= LeastPages and <= UsualPages;
        _bytes = _isPooled ? Pool.Rent(bytes) : GC.AllocateUninitializedArray<byte>(bytes);
    }

    public Memory<byte> Bytes(int page, int bytes = PageSize) => _bytes.AsMemory(page * PageSize, bytes);

    /// <summary>Somebody may still use a page after it has left: then none of it is given to others.</summary>
    public void Keep() => _pagesLeft = int.MaxValue;

    /// <summary>One page has left the cache, and nobody works on it.</summary>
    public void PageLeft()
    {
        if (_pagesLeft != int.MaxValue && --_pagesLeft == 0 && _isPooled)
            Pool.Return(_bytes);
    }
}
