using System.Numerics;

namespace DmSim.Model.PageCache;

/// <summary>How a program says it will read a file.</summary>
internal enum ReadAdvice
{
    Normal,
    Random,
    Sequential,
}

/// <summary>
/// struct file_ra_state of an open file, and what it is decided by to read more than was asked for (mm/readahead.c, 6.1). Numbers are
/// pages.
/// </summary>
internal sealed class ReadAhead(AddressSpace space, ulong maxPages)
{
    private ulong _start;
    private ulong _size;
    private ulong _asyncSize;

    /// <summary>ra_pages, as the device had it when the file was opened (file_ra_state_init).</summary>
    public ulong MaxPages { get; private set; } = maxPages;

    /// <summary>The page at which the last read ended (prev_pos). -1 at first.</summary>
    public ulong Previous { get; set; } = ulong.MaxValue >> 12;

    /// <summary>shrink_readahead_size_eio.</summary>
    public void ShrinkAfterError() => MaxPages /= 4;

    /// <summary>bdi->io_pages: the largest request of the device.</summary>
    private ulong IoPages => space.Device.Limits.MaxSectors / Blocks.QueueLimits.PAGE_SECTORS;

    /// <summary>FMODE_RANDOM: nothing is read that was not asked for.</summary>
    public bool IsRandom { get; private set; }

    /// <summary>generic_fadvise (mm/fadvise.c) for those that say how a file will be read.</summary>
    /// <param name="devicePages">What the device reads ahead now.</param>
    public void Advise(ReadAdvice advice, ulong devicePages)
    {
        MaxPages = advice switch
        {
            ReadAdvice.Normal => devicePages,
            ReadAdvice.Sequential => devicePages * 2,
            _ => MaxPages,
        };
        IsRandom = advice == ReadAdvice.Random;
    }

    /// <summary>page_cache_sync_ra: a page is not in memory.</summary>
    public void OnMiss(ulong index, ulong count)
    {
        if (MaxPages == 0 || IsRandom)
            Force(index, MaxPages == 0 ? 1 : count);
        else
            OnDemand(index, count, atMark: false);
    }

    /// <summary>page_cache_async_ra: the reader comes to a marked page.</summary>
    public void OnMark(CachedPage page, ulong count)
    {
        if (MaxPages == 0 || page.IsUnderWriteback)
            return;
        page.IsReadAheadMark = false;
        OnDemand(page.Index, count, atMark: true);
    }

    /// <summary>force_page_cache_ra.</summary>
    public void Force(ulong index, ulong count) => BufferedReads.Populate(space, index, Math.Min(count, Math.Max(IoPages, MaxPages)), 0);

    /// <summary>ondemand_readahead.</summary>
    private void OnDemand(ulong index, ulong count, bool atMark)
    {
        ulong max = MaxPages;
        if (count > max && IoPages > max)
            max = Math.Min(count, IoPages);
        if (index != 0 && (index == _start + _size - _asyncSize || index == _start + _size))
        {
            _start += _size;
            _size = Math.Max(_size, NextSize(max));
            _asyncSize = _size;
        }
        else if (index != 0 && atMark)
        {
            if (NextMiss(index + 1, max) is not { } miss)
                return;
            _start = miss;
            _size = miss - index + count;
            _size = NextSize(max);
            _asyncSize = _size;
        }
        else if (index == 0 || count > max || unchecked(index - Previous) <= 1)
        {
            _start = index;
            _size = InitialSize(count, max);
            _asyncSize = _size > count ? _size - count : _size;
        }
        else if (!ContinueHistory(index, count, max))
        {
            BufferedReads.Populate(space, index, count, 0);
            return;
        }
        if (index == _start && _size == _asyncSize)
            JoinNext(max);
        BufferedReads.Populate(space, _start, _size, _asyncSize);
    }

    /// <summary>The mark would be hit at once: the next window is taken with this one.</summary>
    private void JoinNext(ulong max)
    {
        ulong next = NextSize(max);
        if (_size + next <= max)
        {
            _asyncSize = next;
            _size += next;
        }
        else
        {
            _size = max;
            _asyncSize = max >> 1;
        }
    }

    /// <summary>get_init_ra_size.</summary>
    private static ulong InitialSize(ulong count, ulong max)
    {
        ulong size = BitOperations.RoundUpToPowerOf2(count);
        return size <= max / 32 ? size * 4 : size <= max / 4 ? size * 2 : max;
    }

    /// <summary>get_next_ra_size.</summary>
    private ulong NextSize(ulong max) => _size < max / 16 ? 4 * _size : _size <= max / 2 ? 2 * _size : max;

    /// <summary>page_cache_next_miss; null when there is none within so many pages.</summary>
    private ulong? NextMiss(ulong index, ulong max)
    {
        for (ulong i = 0; i < max; i++)
            if (space.Find(index + i) is null)
                return index + i;
        return null;
    }

    /// <summary>try_context_readahead: pages before this one are in memory, so that somebody has read up to here.</summary>
    private bool ContinueHistory(ulong index, ulong count, ulong max)
    {
        ulong history = 0;
        while (history < max && history < index && space.Find(index - 1 - history) is not null)
            history++;
        if (history <= count)
            return false;
        // From the start of the file on it is a long stream.
        if (history >= index)
            history *= 2;
        _start = index;
        _size = Math.Min(history + count, max);
        _asyncSize = 1;
        return true;
    }
}
