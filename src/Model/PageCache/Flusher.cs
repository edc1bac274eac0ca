using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Machine;

namespace DmSim.Model.PageCache;

/// <summary>
/// The worker that writes back by itself: it looks every five seconds whether more of a device is dirty than its share, or whether
/// anything has been dirty for thirty; and at once when too much of memory is dirty (fs/fs-writeback.c, mm/page-writeback.c, 6.1).
/// </summary>
internal sealed class Flusher(SimulatedKernel kernel)
{
    /// <summary>dirty_writeback_interval.</summary>
    private const long IntervalJiffies = 5 * Jiffies.PerSecond;

    /// <summary>dirty_expire_interval.</summary>
    private const long ExpireJiffies = 30 * Jiffies.PerSecond;

    /// <summary>A tenth of the memory of a machine of one GiB (dirty_background_ratio).</summary>
    private const long BackgroundPages = 24 * 1024;

    /// <summary>dirty_ratio: twice as much, and who writes waits.</summary>
    private const long MostPages = 2 * BackgroundPages;

    /// <summary>MIN_WRITEBACK_PAGES: after so many others may run (cond_resched in writeback_sb_inodes).</summary>
    private const int ChunkPages = 1024;

    /// <summary>Whose pages were written lately.</summary>
    public WriteoutShare Shares { get; } = new(kernel);

    // When the pages of a device became dirty that are so now; a look at it is due.
    private readonly Dictionary<AddressSpace, long> _watched = [];

    /// <summary>__mark_inode_dirty: the first page of a device has become dirty.</summary>
    public void Dirtied(AddressSpace space)
    {
        bool watched = !_watched.TryAdd(space, Now);
        _watched[space] = Now;
        if (!watched)
            LookLater(space);
    }

    private long Now => Jiffies.At(kernel.Time.Now);

    /// <summary>wb_wakeup_delayed.</summary>
    private void LookLater(AddressSpace space) =>
        TimerWheel.Arm(kernel.Time, Now + IntervalJiffies, () => kernel.Work.Enqueue(() => Look(space)));

    /// <summary>wb_workfn: wb_check_old_data_flush, then wb_check_background_flush.</summary>
    private void Look(AddressSpace space)
    {
        bool isOld = Now - _watched[space] >= ExpireJiffies;
        if (isOld || space.DirtyPages > Shares.PartOf(BackgroundPages, space.Share))
            kernel.RunAs(SimulatedKernel.UnboundWorker, () => space.Writeback.Start(BioFlags.Background));
        if (space.IsDirty)
            LookLater(space);
        else
            _watched.Remove(space);
    }

    /// <summary>Whether too much of memory is dirty.</summary>
    private bool IsPressed => kernel.PageReclaim.DirtyPages >= BackgroundPages;

    /// <summary>balance_dirty_pages, with a disk that is faster than any program: until little enough is dirty (wb_over_bg_thresh).</summary>
    public ValueTask BalanceAsync(AddressSpace space) => IsPressed ? FlushAsync(space) : ValueTask.CompletedTask;

    private async ValueTask FlushAsync(AddressSpace space)
    {
        for (int most = space.DirtyPages; IsPressed && space.IsDirty && most > 0; most -= ChunkPages)
        {
            kernel.RunAs(SimulatedKernel.UnboundWorker, () => space.Writeback.StartSome(BioFlags.Background, ChunkPages));
            kernel.Work.RunAll();
        }
        if (kernel.PageReclaim.DirtyPages + kernel.PageReclaim.WritebackPages > MostPages)
            await space.Writeback.WaitAsync();
    }
}
