using System.Numerics;
using DmSim.Abi;
using DmSim.Model.PageCache;

namespace DmSim.Model.Blocks;

/// <summary>I/O through the page cache, and what direct I/O does to it (block/fops.c, block/bdev.c, mm/filemap.c, 6.1).</summary>
internal sealed partial class OpenDevice
{
    private readonly ulong _readAheadPages;
    private ReadAhead? _readAhead;
    private uint _errorsSeen;

    private ReadAhead FileReadAhead => _readAhead ??= new ReadAhead(_device.MakeCache(), _readAheadPages);

    /// <summary>generic_fadvise (mm/fadvise.c).</summary>
    public ValueTask<Errno> AdviseAsync(int advice, ulong offset, ulong length)
    {
        const int normal = 0, random = 1, sequential = 2, willNeed = 3, dontNeed = 4, noReuse = 5;
        var cache = _device.MakeCache();
        using var call = StartCall();
        ulong end = length == 0 || length > long.MaxValue - offset ? long.MaxValue : offset + length - 1;
        switch (advice)
        {
            case normal or random or sequential:
                FileReadAhead.Advise(advice switch { random => ReadAdvice.Random, sequential => ReadAdvice.Sequential, _ => ReadAdvice.Normal },
                    _device.ReadAheadPages);
                break;
            case willNeed:
                FileReadAhead.Force(offset / QueueLimits.PAGE_SIZE, end / QueueLimits.PAGE_SIZE - offset / QueueLimits.PAGE_SIZE + 1);
                break;
            case dontNeed:
                cache.Writeback.Start(BioFlags.None, offset / QueueLimits.PAGE_SIZE, end / QueueLimits.PAGE_SIZE);
                _device.Kernel.Work.RunAll();
                // Only whole pages go.
                ulong first = (offset + QueueLimits.PAGE_SIZE - 1) / QueueLimits.PAGE_SIZE;
                ulong last = (end + 1) / QueueLimits.PAGE_SIZE;
                if (last > first)
                    cache.DropClean(first, last - 1);
                break;
            case noReuse:
                break;
            default:
                return new(Errno.EINVAL);
        }
        _device.Kernel.Work.Drain();
        return new(Errno.None);
    }

    /// <summary>blkdev_read_iter without IOCB_DIRECT.</summary>
    public async ValueTask<IoResult> ReadCachedAsync(ulong offset, Memory<byte> data)
    {
        if (!MayRead(offset, ref data, out var answer))
            return answer;
        using var call = StartCall();
        var result = await BufferedReads.ReadAsync(_device.MakeCache(), FileReadAhead, offset, data);
        _device.Kernel.Work.Drain();
        return result;
    }

    /// <summary>blkdev_write_iter without IOCB_DIRECT. Bytes past the end are cut off.</summary>
    public async ValueTask<IoResult> WriteCachedAsync(ulong offset, ReadOnlyMemory<byte> data)
    {
        if (!MayWrite(offset, ref data, out var answer))
            return answer;
        using var call = StartCall();
        var result = await BufferedWrites.WriteAsync(_device.MakeCache(), offset, data);
        _device.Kernel.Work.Drain();
        return result;
    }

    private static (ulong First, ulong Last) PagesOf(ulong offset, ulong length) =>
        (offset / QueueLimits.PAGE_SIZE, (offset + length - 1) / QueueLimits.PAGE_SIZE);

    /// <summary>Direct I/O sees what was written through memory before: it is written back first.</summary>
    private async ValueTask<IoResult> ReadBesideCacheAsync(AddressSpace cache, ulong offset, Memory<byte> data)
    {
        using var call = StartCall();
        var (first, last) = PagesOf(offset, (ulong)data.Length);
        var errno = await cache.Writeback.WriteAndWaitAsync(first, last);
        if (errno != Errno.None)
            return IoResult.Failed(errno);
        var status = await BlockRequests.ReadWrite(_device, BioOp.Read, BioFlags.None, offset >> Sectors.Shift, data);
        _device.Kernel.Work.Drain();
        return ToResult(status, data.Length);
    }

    /// <summary>generic_file_direct_write: the pages that it overwrites leave memory, before and after.</summary>
    private async ValueTask<IoResult> WriteBesideCacheAsync(AddressSpace cache, ulong offset, ReadOnlyMemory<byte> data)
    {
        using var call = StartCall();
        var (first, last) = PagesOf(offset, (ulong)data.Length);
        var errno = await cache.Writeback.WriteAndWaitAsync(first, last);
        if (errno != Errno.None)
            return IoResult.Failed(errno);
        // A page that somebody else writes at this very moment makes it a write through memory.
        if (await cache.InvalidateAsync(first, last) == Errno.EBUSY)
            return await WriteCachedAsync(offset, data);
        var status = await StartDirectWrite(offset, data);
        await cache.InvalidateAsync(first, last);
        _device.Kernel.Work.Drain();
        return ToResult(status, data.Length);
    }

    /// <summary>
    /// truncate_bdev_range: what is in memory of a range goes. While somebody else has claimed the device only what is clean does
    /// (bd_prepare_to_claim; EBUSY when there is more).
    /// </summary>
    private async ValueTask<Errno> TruncateRangeAsync(ulong offset, ulong length)
    {
        if (_device.Cache is not { PageCount: > 0 } cache || length == 0)
            return Errno.None;
        if ((_mode & OpenMode.Exclusive) == 0 && _device.IsClaimed)
        {
            var (first, last) = PagesOf(offset, length);
            return await cache.InvalidateAsync(first, last);
        }
        await cache.TruncateAsync(offset, length);
        return Errno.None;
    }

    /// <summary>blkdev_flushbuf: sync_blockdev, whose outcome nobody hears, and invalidate_bdev.</summary>
    private async ValueTask<Errno> FlushBuffersAsync()
    {
        if (_device.Cache is not { } cache)
            return Errno.None;
        using var call = StartCall();
        await cache.Writeback.WriteAndWaitAsync();
        cache.DropClean();
        _device.Kernel.Work.Drain();
        return Errno.None;
    }

    /// <summary>blkdev_bszset, set_blocksize (block/bdev.c): what is in memory is written back and leaves it.</summary>
    private async ValueTask<Errno> SetBlockSizeAsync(uint size)
    {
        if ((_mode & OpenMode.Exclusive) == 0 && _device.IsClaimed)
            return Errno.EBUSY;
        if (size < Math.Max(512, _device.Limits.LogicalBlockSize) || size > QueueLimits.MaxLogicalBlockSize(_device.Kernel.Profile) || !BitOperations.IsPow2(size))
            return Errno.EINVAL;
        if (size == _device.BlockSize)
            return Errno.None;
        using var call = StartCall();
        if (_device.Cache is { } cache)
        {
            await cache.Writeback.WriteAndWaitAsync();
            cache.Kill();
        }
        _device.BlockSize = size;
        return Errno.None;
    }

    public bool WritesBackAtClose => _device.Openers == 1 && _device.Cache is { IsDirty: true };

    public async ValueTask WriteBackAsync()
    {
        if (_device.Cache is { } cache)
            await cache.Writeback.WriteAndWaitAsync();
        _device.Kernel.Work.Drain();
    }

    /// <summary>blkdev_close: the last one writes back what is dirty before he goes.</summary>
    private void Release()
    {
        if (WritesBackAtClose)
        {
            _device.Kernel.Work.Start(ReleaseLaterAsync);
            _device.Kernel.Work.Drain();
            return;
        }
        _device.Put(_mode, Holder);
        _device.Kernel.Work.Drain();
    }

    private async Task ReleaseLaterAsync()
    {
        await WriteBackAsync();
        _device.Put(_mode, Holder);
    }
}
