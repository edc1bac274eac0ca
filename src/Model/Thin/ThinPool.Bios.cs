using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Targets;

namespace DmSim.Model.Thin;

/// <content>Where bios of volumes go, and what becomes of those that wait with them in a cell.</content>
internal sealed partial class ThinPool
{
    /// <summary>get_bio_block.</summary>
    public VirtualBlock BlockOf(Bio bio) => new(bio.Sector / BlockSectors);

    private static CellKey VirtualKey(ThinVolume volume, VirtualBlock block) =>
        new(true, volume.Metadata.Id, block.Value, unchecked(block.Value + 1));

    private static CellKey DataKey(ThinVolume volume, DataBlock block) =>
        new(false, volume.Metadata.Id, block.Value, block.Value + 1);

    /// <summary>remap.</summary>
    private void Remap(ThinVolume volume, TargetBio bio, DataBlock block)
    {
        bio.Device = volume.PoolDevice.Device;
        bio.Sector = ToSectors(block.Value) + bio.Sector % BlockSectors;
    }

    private void RemapAndIssue(ThinVolume volume, TargetBio bio, DataBlock block)
    {
        Remap(volume, bio, block);
        Issue(volume, bio);
    }

    /// <summary>issue: bios that need a commit first are collected.</summary>
    private void Issue(ThinVolume volume, TargetBio bio)
    {
        if (!TriggersCommit(volume, bio))
            bio.SubmitRemapped();
        else if (volume.Metadata.AbortedWithChanges)
            bio.End(BlkStatus.IoErr);
        else
            _deferredFlushBios.Add(bio);
    }

    private static bool TriggersCommit(ThinVolume volume, Bio bio) => bio.IsFlush && volume.Metadata.Changed;

    private readonly Action<TargetBio> _countIo;

    /// <summary>inc_all_io_entry.</summary>
    private void CountIo(TargetBio bio)
    {
        if (bio.Op != BioOp.Discard)
            BioHook.Of(bio).AllIo = _allIo.Enter();
    }

    /// <summary>cell_defer_no_holder: opens the cell; who waited in it is looked at again.</summary>
    internal void DeferRest(ThinVolume volume, PrisonCell? cell)
    {
        if (cell is null)
            return;
        _prison.Release(cell);
        if (!cell.IsAlone)
            volume.DeferredBios.AddRange(cell.Bios);
        if (volume.DeferredBios.Count > 0)
            WakeWorker();
    }

    /// <summary>inc_remap_and_issue_cell: opens the cell; who waited in it goes to the same block.</summary>
    private void IssueRest(ThinVolume volume, PrisonCell cell, DataBlock block) =>
        IssueRest(volume, cell, block, static bio => bio.IsFlush || bio.Op == BioOp.Discard, _countIo);

    /// <summary>remap_and_issue_shared_cell: only reads may go to a shared block.</summary>
    private void IssueSharedRest(ThinVolume volume, PrisonCell cell, DataBlock block) =>
        IssueRest(volume, cell, block, static bio => bio.IsWrite || bio.IsFlush, bio =>
        {
            BioHook.Of(bio).SharedRead = _sharedReads.Enter();
            CountIo(bio);
        });

    private void IssueRest(ThinVolume volume, PrisonCell cell, DataBlock block, Predicate<TargetBio> mustWait, Action<TargetBio> count)
    {
        _prison.Release(cell);
        if (cell.IsAlone)
            return;
        var issued = new List<TargetBio>();
        foreach (var bio in cell.Bios)
        {
            if (mustWait(bio))
            {
                volume.Defer(bio);
            }
            else
            {
                count(bio);
                issued.Add(bio);
            }
        }
        foreach (var bio in issued)
            RemapAndIssue(volume, bio, block);
    }

    /// <summary>thin_bio_map: answers at once where it can, and leaves the rest to the worker.</summary>
    public MapResult Map(ThinVolume volume, TargetBio bio)
    {
        bio.PerBioData = new BioHook(volume);
        if (volume.RequeueMode)
        {
            bio.End(BlkStatus.DmRequeue);
            return MapResult.Submitted;
        }
        if (Mode == PoolMode.Fail)
        {
            bio.End(BlkStatus.IoErr);
            return MapResult.Submitted;
        }
        if (bio.IsFlush || bio.Op == BioOp.Discard)
        {
            volume.Defer(bio);
            PreemptSubmitter();
            return MapResult.Submitted;
        }
        var block = BlockOf(bio);
        return _prison.TryTake(VirtualKey(volume, block), bio, out var cell)
            ? MapHeld(volume, bio, block, cell)
            : MapResult.Submitted;
    }

    /// <summary>Under SCHED_FIFO the worker finds all pieces of a bio that was split.</summary>
    private void PreemptSubmitter()
    {
        if (Kernel.FairScheduler)
            Kernel.Blocks.PreemptSubmitter();
    }

    private MapResult MapHeld(ThinVolume volume, TargetBio bio, VirtualBlock block, PrisonCell cell)
    {
        var errno = Metadata.FindBlock(volume.Metadata, block, canIssueIo: false, out var found);
        if (errno is Errno.ENODATA or Errno.EAGAIN || (errno == Errno.None && found.Shared))
        {
            volume.DeferredCells.Add(cell);
            WakeWorker();
            PreemptSubmitter();
            return MapResult.Submitted;
        }
        if (errno != Errno.None)
        {
            bio.End(BlkStatus.IoErr);
            DeferRest(volume, cell);
            return MapResult.Submitted;
        }
        if (!_prison.TryTake(DataKey(volume, found.Block), bio, out var dataCell))
        {
            DeferRest(volume, cell);
            return MapResult.Submitted;
        }
        CountIo(bio);
        DeferRest(volume, dataCell);
        DeferRest(volume, cell);
        Remap(volume, bio, found.Block);
        return MapResult.Remapped;
    }

    /// <summary>thin_endio.</summary>
    public void BioEnded(ThinVolume volume, TargetBio bio)
    {
        // A bio that was killed on its way to the volume has none.
        if (bio.PerBioData is not BioHook hook)
            return;
        if (hook.SharedRead is { } shared)
        {
            foreach (var mapping in _sharedReads.Leave(shared))
                CompletePreparation(mapping);
        }
        if (hook.AllIo is { } all)
        {
            var ready = _allIo.Leave(all);
            if (ready.Length > 0)
            {
                _preparedDiscards.AddRange(ready);
                WakeWorker();
            }
        }
        if (hook.Cell is { } cell)
            DeferRest(volume, cell);
    }
}
