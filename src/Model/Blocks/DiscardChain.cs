using DmSim.Abi;

namespace DmSim.Model.Blocks;

/// <summary>
/// Discards of runs of sectors for which nobody sleeps: a parent bio ends when all have (__blkdev_issue_discard, block/blk-lib.c, 6.1).
/// </summary>
internal sealed class DiscardChain
{
    private readonly BlockDevice _device;
    private readonly Bio _parent;
    private readonly bool _plugs;
    private Bio? _last;

    public DiscardChain(BlockDevice device, Bio parent)
    {
        _device = device;
        _parent = parent;
        // Who has plugged already unplugs himself.
        _plugs = device.Kernel.Blocks.Plug is null;
        device.Kernel.Blocks.StartPlug();
    }

    /// <summary>One run more. It is refused as a discard by user space would be.</summary>
    public Errno Add(ulong sector, ulong count)
    {
        var errno = BlockRequests.CheckDiscard(_device, sector, count);
        if (errno != Errno.None)
            return errno;
        var limits = _device.Limits;
        for (ulong done = 0, piece; done < count; done += piece)
        {
            piece = Math.Min(count - done, BlockRequests.DiscardLimit(limits, sector + done));
            var bio = new Bio(_device, BioOp.Discard) { Sector = sector + done, SectorCount = piece };
            bio.ComesFromCache(true);
            if (_last is not null)
            {
                _last.ChainTo(bio);
                _device.Kernel.Blocks.Submit(_last);
            }
            _last = bio;
        }
        return Errno.None;
    }

    /// <summary>Lets all go on; the parent ends with the first error, or with <paramref name="errno"/>.</summary>
    public void Finish(Errno errno)
    {
        if (_last is not null)
        {
            _last.ChainTo(_parent);
            _device.Kernel.Blocks.Submit(_last);
        }
        if (_plugs)
            _device.Kernel.Blocks.FinishPlug();
        if (errno != Errno.None && _parent.Status == BlkStatus.Ok)
            _parent.Status = BlkStatuses.FromErrno(errno);
        _parent.End();
    }
}
