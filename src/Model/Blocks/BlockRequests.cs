using DmSim.Abi;
using DmSim.Model.Profiles;

namespace DmSim.Model.Blocks;

/// <summary>
/// Requests that the block layer makes of bios on behalf of user space and of targets: read and write, flush, discard, secure
/// erase, zero out (block/blk-lib.c, block/blk-flush.c, 6.1). Each answers when its last bio has ended.
/// </summary>
public static class BlockRequests
{
    /// <summary>BIO_MAX_VECS: pages that one bio of user memory or of zeros holds.</summary>
    private const int MaxPages = 256;

    private const int MaxBioBytes = MaxPages * (int)QueueLimits.PAGE_SIZE;
    private const uint MaxBioSectors = MaxBioBytes / Sectors.BytesPerSector;

    private static readonly byte[] Zeros = new byte[MaxBioBytes];

    /// <summary>
    /// blkdev_direct_IO (block/fops.c): in bios of at most 256 pages. All or nothing is what the caller hears, whatever
    /// parts of it have been done; of several errors the first to come.
    /// </summary>
    public static ValueTask<BlkStatus> ReadWrite(BlockDevice device, BioOp op, BioFlags flags, ulong sector, Memory<byte> data)
    {
        var group = new BioGroup(device.Kernel);
        // A request of one bio is waited for with submit_bio_wait, which makes it synchronous.
        if (data.Length <= MaxBioBytes && device.Kernel.Profile.Has(KernelRule.DirectReadsSynchronous))
            flags |= BioFlags.Sync;
        bool plugs = data.Length > MaxBioBytes && (op == BioOp.Read || device.Kernel.Profile.Has(KernelRule.DirectWritesUnplugged));
        if (plugs)
            device.Kernel.Blocks.StartPlug();
        for (bool first = true; !data.IsEmpty; first = false)
        {
            var piece = data[..Math.Min(data.Length, MaxBioBytes)];
            var bio = new Bio(device, op, flags)
            {
                Sector = sector,
                SectorCount = (ulong)piece.Length / Sectors.BytesPerSector,
                Data = piece,
                IsDirect = true,
            };
            bio.ComesFromCache(!first, Pages(bio.SectorCount));
            group.Submit(bio);
            sector += (ulong)piece.Length / Sectors.BytesPerSector;
            data = data[piece.Length..];
        }
        if (plugs)
            device.Kernel.Blocks.FinishPlug();
        return group.WaitAsync();
    }

    private static ulong Pages(ulong sectors) => (sectors + QueueLimits.PAGE_SECTORS - 1) / QueueLimits.PAGE_SECTORS;

    /// <summary>blkdev_issue_flush.</summary>
    public static ValueTask<BlkStatus> Flush(BlockDevice device)
    {
        var group = new BioGroup(device.Kernel);
        group.Submit(new Bio(device, BioOp.Write, BioFlags.Preflush | BioFlags.Sync));
        return group.WaitAsync();
    }

    /// <summary>blkdev_issue_discard. A device that turns out not to know discards has done its best.</summary>
    public static async ValueTask<Errno> Discard(BlockDevice device, ulong sector, ulong count)
    {
        var errno = CheckDiscard(device, sector, count);
        if (errno != Errno.None)
            return errno;
        var limits = device.Limits;
        var chain = new BioChain(device);
        device.Kernel.Blocks.StartPlug();
        for (ulong done = 0, piece; done < count; done += piece)
        {
            piece = Math.Min(count - done, DiscardLimit(limits, sector + done));
            chain.Add(BioOp.Discard, BioFlags.None, sector + done, piece);
        }
        var status = await chain.WaitAsync();
        return status == BlkStatus.NotSupp ? Errno.None : status.ToErrno();
    }

    /// <summary>What __blkdev_issue_discard refuses (6.1).</summary>
    internal static Errno CheckDiscard(BlockDevice device, ulong sector, ulong count)
    {
        if (device.Kernel.Profile.Has(KernelRule.DiscardsCheckedFirst))
            return Errno.None;
        var limits = device.Limits;
        if (device.ReadOnly)
            return Errno.EPERM;
        if (limits.MaxDiscardSectors == 0 || limits.DiscardGranularity == 0)
            return Errno.EOPNOTSUPP;
        return !IsWholeBlocks(limits, sector, count) || count == 0 ? Errno.EINVAL : Errno.None;
    }

    /// <summary>bio_discard_limit: a start off the granularity is discarded alone up to the next boundary.</summary>
    internal static ulong DiscardLimit(QueueLimits limits, ulong sector)
    {
        uint granularity = limits.DiscardGranularity;
        uint granularitySectors = granularity >> Sectors.Shift;
        // round_up and round_down: masks, made for powers of two.
        ulong aligned = unchecked(((sector - 1) | (granularitySectors - 1UL)) + 1);
        return aligned != sector ? unchecked(aligned - sector) : (uint.MaxValue & ~(granularity - 1)) >> Sectors.Shift;
    }

    /// <summary>
    /// blkdev_issue_zeroout: by WRITE ZEROES, and when the device does not have it or (<see cref="KernelRule.ZeroOutFailsForGood"/>) fails,
    /// by writing zeros. With that rule it is asked once, at the beginning, whether the device may be written to: one that is read-only when
    /// its turn comes is written to all the same.
    /// </summary>
    /// <param name="writesZeros">False with BLKDEV_ZERO_NOFALLBACK: then EOPNOTSUPP where the device does not have it.</param>
    public static async ValueTask<Errno> ZeroOut(BlockDevice device, ulong sector, ulong count, BioFlags flags, bool writesZeros = true)
    {
        if (!IsWholeBlocks(device.Limits, sector, count))
            return Errno.EINVAL;
        bool isCheckedOnce = device.Kernel.Profile.Has(KernelRule.ZeroOutFailsForGood);
        if (isCheckedOnce && device.ReadOnly)
            return Errno.EPERM;
        if (device.Limits.MaxWriteZeroesSectors != 0)
        {
            var errno = await WriteZeroes(device, sector, count, flags);
            bool given = device.Limits.MaxWriteZeroesSectors != 0
                && (isCheckedOnce ? errno != Errno.EOPNOTSUPP : !writesZeros);
            if (errno == Errno.None || given)
                return errno;
        }
        if (!writesZeros)
            return Errno.EOPNOTSUPP;
        if (!isCheckedOnce && device.ReadOnly)
            return Errno.EPERM;
        return (await WriteZeroPages(device, sector, count)).ToErrno();
    }

    private static async ValueTask<Errno> WriteZeroes(BlockDevice device, ulong sector, ulong count, BioFlags flags)
    {
        if (device.ReadOnly)
            return Errno.EPERM;
        uint max = device.Limits.MaxWriteZeroesSectors;
        var chain = new BioChain(device);
        device.Kernel.Blocks.StartPlug();
        for (ulong done = 0, piece; done < count; done += piece)
        {
            piece = Math.Min(count - done, max);
            chain.Add(BioOp.WriteZeroes, flags, sector + done, piece);
        }
        return (await chain.WaitAsync()).ToErrno();
    }

    /// <summary>__blkdev_issue_zero_pages.</summary>
    private static ValueTask<BlkStatus> WriteZeroPages(BlockDevice device, ulong sector, ulong count)
    {
        var chain = new BioChain(device);
        device.Kernel.Blocks.StartPlug();
        for (ulong done = 0, piece; done < count; done += piece)
        {
            piece = Math.Min(count - done, MaxBioSectors);
            chain.Add(BioOp.Write, BioFlags.None, sector + done, piece, Zeros.AsMemory(0, (int)piece * Sectors.BytesPerSector));
        }
        return chain.WaitAsync();
    }

    /// <summary>blkdev_issue_secure_erase.</summary>
    public static async ValueTask<Errno> SecureErase(BlockDevice device, ulong sector, ulong count)
    {
        var limits = device.Limits;
        uint blockSectors = limits.LogicalBlockSize >> Sectors.Shift;
        uint max = Math.Min(limits.MaxSecureEraseSectors, uint.MaxValue >> Sectors.Shift) & ~(blockSectors - 1);
        // __blkdev_issue_discard (5.10), which erases too, looks at this first.
        if (device.ReadOnly && !device.Kernel.Profile.Has(KernelRule.SecureEraseHasLimit))
            return Errno.EPERM;
        if (max == 0)
            return Errno.EOPNOTSUPP;
        if (!IsWholeBlocks(limits, sector, count))
            return Errno.EINVAL;
        if (device.ReadOnly)
            return Errno.EPERM;
        var chain = new BioChain(device);
        device.Kernel.Blocks.StartPlug();
        ulong done = 0, piece;
        do
        {
            piece = Math.Min(count - done, max);
            chain.Add(BioOp.SecureErase, BioFlags.None, sector + done, piece);
            done += piece;
        }
        while (done < count);
        return (await chain.WaitAsync()).ToErrno();
    }

    private static bool IsWholeBlocks(QueueLimits limits, ulong sector, ulong count) =>
        ((sector | count) & ((limits.LogicalBlockSize >> Sectors.Shift) - 1)) == 0;

    /// <summary>
    /// Bios made one after the other with blk_next_bio: each is chained to the next, the last one carries the outcome of all
    /// and is submitted synchronously.
    /// </summary>
    private sealed class BioChain(BlockDevice device)
    {
        private Bio? _last;

        public void Add(BioOp op, BioFlags flags, ulong sector, ulong count, Memory<byte> zeros = default)
        {
            var bio = new Bio(device, op, flags)
            {
                Sector = sector,
                SectorCount = count,
                Data = zeros,
                DataIsZeroPage = !zeros.IsEmpty,
            };
            bio.ComesFromCache(true, zeros.IsEmpty ? 0 : Pages(count));
            if (_last is not null)
            {
                _last.ChainTo(bio);
                device.Kernel.Blocks.Submit(_last);
            }
            _last = bio;
        }

        /// <summary>submit_bio_wait, and blk_finish_plug: whoever goes to sleep unplugs.</summary>
        public ValueTask<BlkStatus> WaitAsync()
        {
            var group = new BioGroup(device.Kernel);
            if (_last is not null)
            {
                _last.Flags |= BioFlags.Sync;
                group.Submit(_last);
            }
            return group.WaitAsync();
        }
    }
}
