using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;

namespace DmSim.Model.Thin;

/// <content>Reads and writes that the map function could not answer: finding, taking, copying and zeroing blocks.</content>
internal sealed partial class ThinPool
{
    /// <summary>process_bio. When somebody works on the block already the bio waits in his cell.</summary>
    private void ProcessBio(ThinVolume volume, TargetBio bio)
    {
        if (_prison.TryTake(VirtualKey(volume, BlockOf(bio)), bio, out var cell))
            ProcessCell(volume, cell);
    }

    /// <summary>process_cell.</summary>
    private void ProcessCell(ThinVolume volume, PrisonCell cell)
    {
        var bio = cell.Holder!;
        if (volume.RequeueMode)
        {
            EndCell(cell, BlkStatus.DmRequeue);
            return;
        }
        var block = BlockOf(bio);
        var errno = Unlocked(Metadata.FindBlock(volume.Metadata, block, canIssueIo: true, out var found));
        if (errno == Errno.ENODATA)
        {
            if (!bio.IsWrite && volume.Origin is not null)
                ReadOrigin(volume, bio, cell);
            else
                ProvisionBlock(volume, bio, block, cell);
        }
        else if (errno != Errno.None)
        {
            LogLimited("process_cell", 0, $"process_cell: dm_thin_find_block() failed: error = {-(int)errno}");
            DeferRest(volume, cell);
            bio.End(BlkStatus.IoErr);
        }
        else if (found.Shared)
        {
            ProcessSharedBio(volume, bio, block, found, cell);
        }
        else
        {
            CountIo(bio);
            RemapAndIssue(volume, bio, found.Block);
            IssueRest(volume, cell, found.Block);
        }
    }

    /// <summary>What the external origin has of a hole; beyond its end there are zeros.</summary>
    private void ReadOrigin(ThinVolume volume, TargetBio bio, PrisonCell cell)
    {
        CountIo(bio);
        DeferRest(volume, cell);
        if (bio.EndSector > volume.OriginSize)
        {
            bio.Data.Span.Clear();
            if (bio.Sector >= volume.OriginSize)
            {
                bio.End();
                return;
            }
            bio.Truncate(volume.OriginSize - bio.Sector);
        }
        bio.Device = volume.Origin!.Device;
        Issue(volume, bio);
    }

    /// <summary>provision_block: a hole is to be read or written.</summary>
    private void ProvisionBlock(ThinVolume volume, TargetBio bio, VirtualBlock block, PrisonCell cell)
    {
        // An empty flush needs no block.
        if (bio.SectorCount == 0)
        {
            CountIo(bio);
            DeferRest(volume, cell);
            RemapAndIssue(volume, bio, default);
            return;
        }
        if (!bio.IsWrite)
        {
            bio.Data.Span.Clear();
            DeferRest(volume, cell);
            bio.End();
            return;
        }
        var errno = AllocateBlock(out var dataBlock);
        if (errno == Errno.None && volume.Origin is not null)
            ScheduleExternalCopy(volume, block, dataBlock, cell, bio);
        else if (errno == Errno.None)
            ScheduleZero(volume, block, dataBlock, cell, bio);
        else
            HandleAllocationFailure("provision_block", errno, cell);
    }

    private void HandleAllocationFailure(string function, Errno errno, PrisonCell cell)
    {
        if (errno == Errno.ENOSPC)
        {
            RetryCellOnResume(cell);
            return;
        }
        LogLimited(function, 0, $"{function}: alloc_data_block() failed: error = {-(int)errno}");
        EndCell(cell, IoErrorCode);
    }

    /// <summary>alloc_data_block.</summary>
    private Errno AllocateBlock(out DataBlock block)
    {
        block = default;
        if (Mode != PoolMode.Write)
            return Errno.EINVAL;
        var errno = GetFreeBlocks(out var free);
        if (errno != Errno.None)
            return errno;
        CheckLowWaterMark(free);
        if (free.Value == 0)
        {
            // Blocks that this transaction gave back are free after a commit.
            errno = Commit();
            if (errno == Errno.None)
                errno = GetFreeBlocks(out free);
            if (errno != Errno.None)
                return errno;
            if (free.Value == 0)
            {
                SetMode(PoolMode.OutOfDataSpace);
                return Errno.ENOSPC;
            }
        }
        errno = Unlocked(Metadata.AllocateDataBlock(out block));
        if (errno == Errno.ENOSPC)
            SetMode(PoolMode.OutOfDataSpace);
        else if (errno != Errno.None)
            MetadataOperationFailed("dm_pool_alloc_data_block", errno);
        return errno != Errno.None ? errno : CommitBeforeReserve();
    }

    private Errno GetFreeBlocks(out DataBlock free)
    {
        var errno = Metadata.GetFreeDataBlocks(out free);
        if (errno != Errno.None)
            MetadataOperationFailed("dm_pool_get_free_block_count", errno);
        return errno;
    }

    /// <summary>A commit while only the reserve of metadata blocks is left.</summary>
    private Errno CommitBeforeReserve()
    {
        var errno = Metadata.GetFreeMetadataBlocks(out var free);
        if (errno != Errno.None)
        {
            MetadataOperationFailed("dm_pool_get_free_metadata_block_count", errno);
            return errno;
        }
        return free.Value == 0 ? Commit() : Errno.None;
    }

    private void CheckLowWaterMark(DataBlock free)
    {
        if (_lowWaterTriggered || Control is not { } control || free.Value > control.LowWaterBlocks)
            return;
        Log.Warn(Module, $"{Name}: reached low water mark for data device: sending event.");
        _lowWaterTriggered = true;
        RaiseEvent();
    }

    /// <summary>schedule_zero.</summary>
    private void ScheduleZero(ThinVolume volume, VirtualBlock block, DataBlock dataBlock, PrisonCell cell, TargetBio bio)
    {
        if (!Features.ZeroNewBlocks)
        {
            InsertPrepared(volume, cell, block, dataBlock, written: null);
            return;
        }
        var mapping = NewBlock(volume, block, dataBlock, cell, actions: 1);
        if (OverwritesBlock(bio))
            IssueOverwrite(volume, bio, mapping);
        else
            _copier.Zero(volume.PoolDevice.Device, ToSectors(dataBlock.Value), BlockSectors, CopyDone(mapping));
    }

    private void ScheduleExternalCopy(ThinVolume volume, VirtualBlock block, DataBlock dataBlock, PrisonCell cell, TargetBio bio)
    {
        ulong begin = ToSectors(block.Value);
        if (begin >= volume.OriginSize)
            ScheduleZero(volume, block, dataBlock, cell, bio);
        else
            ScheduleCopy(volume, block, volume.Origin!.Device, begin, dataBlock, cell, bio,
                Math.Min(BlockSectors, volume.OriginSize - begin));
    }

    /// <summary>schedule_copy: the block is copied to its new place, unless all of it is to be overwritten anyway.</summary>
    private void ScheduleCopy(
        ThinVolume volume, VirtualBlock block, BlockDevice from, ulong fromSector, DataBlock dataBlock,
        PrisonCell cell, TargetBio bio, ulong sectors)
    {
        // Reads of the old block must end, the data must be copied, and this method must be done.
        var mapping = NewBlock(volume, block, dataBlock, cell, actions: 3);
        if (!_sharedReads.TryAdd(mapping))
            CompletePreparation(mapping);
        if (OverwritesBlock(bio))
        {
            IssueOverwrite(volume, bio, mapping);
        }
        else
        {
            var pool = volume.PoolDevice.Device;
            ulong to = ToSectors(dataBlock.Value);
            _copier.Copy(from, fromSector, pool, to, sectors, CopyDone(mapping));
            if (sectors < BlockSectors && Features.ZeroNewBlocks)
            {
                mapping.Actions++;
                _copier.Zero(pool, to + sectors, BlockSectors - sectors, CopyDone(mapping));
            }
        }
        CompletePreparation(mapping);
    }

    private static NewMapping NewBlock(ThinVolume volume, VirtualBlock block, DataBlock dataBlock, PrisonCell cell, int actions) =>
        new(volume, block, new VirtualBlock(block.Value + 1), cell) { DataBegin = dataBlock, Actions = actions };

    private Action<bool> CopyDone(NewMapping mapping) => succeeded =>
    {
        mapping.Status = succeeded ? BlkStatus.Ok : BlkStatus.IoErr;
        CompletePreparation(mapping);
    };

    private void CompletePreparation(NewMapping mapping)
    {
        if (--mapping.Actions > 0)
            return;
        _preparedMappings.Add(mapping);
        WakeWorker();
    }

    private bool OverwritesBlock(TargetBio bio) => bio.IsWrite && bio.SectorCount == BlockSectors;

    /// <summary>remap_and_issue_overwrite: the write itself prepares the block; its end comes after the mapping.</summary>
    private void IssueOverwrite(ThinVolume volume, TargetBio bio, NewMapping mapping)
    {
        BioHook.Of(bio).Overwrite = mapping;
        mapping.Bio = bio;
        mapping.SavedEndIo = bio.EndIo;
        bio.EndIo = ended =>
        {
            var overwrite = BioHook.Of(ended).Overwrite!;
            ended.EndIo = overwrite.SavedEndIo;
            // Until it is ended for good it counts as not ended.
            ended.IncRemaining();
            overwrite.Status = ended.Status;
            CompletePreparation(overwrite);
        };
        CountIo(bio);
        RemapAndIssue(volume, bio, mapping.DataBegin);
    }

    /// <summary>process_prepared_mapping.</summary>
    private void ProcessPreparedMapping(NewMapping mapping)
    {
        if (mapping.Status != BlkStatus.Ok)
            EndCell(mapping.Cell, IoErrorCode);
        else
            InsertPrepared(mapping.Volume, mapping.Cell, mapping.Begin, mapping.DataBegin, mapping.Bio);
    }

    /// <summary>The block is as it should be, and goes into the tree.</summary>
    /// <param name="written">The bio that has prepared the block by overwriting it, if one has.</param>
    private void InsertPrepared(ThinVolume volume, PrisonCell cell, VirtualBlock block, DataBlock dataBlock, TargetBio? written)
    {
        var errno = Unlocked(Metadata.InsertBlock(volume.Metadata, block, dataBlock));
        if (errno != Errno.None)
        {
            MetadataOperationFailed("dm_thin_insert_block", errno);
            EndCell(cell, IoErrorCode);
        }
        else if (written is not null)
        {
            IssueRest(volume, cell, dataBlock);
            CompleteOverwrite(volume, written);
        }
        else
        {
            CountIo(cell.Holder!);
            RemapAndIssue(volume, cell.Holder!, dataBlock);
            IssueRest(volume, cell, dataBlock);
        }
    }

    private void FailPreparedMapping(NewMapping mapping) => EndCell(mapping.Cell, IoErrorCode);

    /// <summary>complete_overwrite_bio: with FUA, its mapping must be on disk first.</summary>
    private void CompleteOverwrite(ThinVolume volume, TargetBio bio)
    {
        if (!TriggersCommit(volume, bio))
            bio.End();
        else if (volume.Metadata.AbortedWithChanges)
            bio.End(BlkStatus.IoErr);
        else
            _deferredFlushCompletions.Add(bio);
    }

    /// <summary>process_shared_bio.</summary>
    private void ProcessSharedBio(ThinVolume volume, TargetBio bio, VirtualBlock block, ThinLookup found, PrisonCell virtualCell)
    {
        if (!_prison.TryTake(DataKey(volume, found.Block), bio, out var dataCell))
        {
            DeferRest(volume, virtualCell);
        }
        else if (bio.IsWrite && bio.SectorCount != 0)
        {
            BreakSharing(volume, bio, block, found, dataCell);
            DeferRest(volume, virtualCell);
        }
        else
        {
            BioHook.Of(bio).SharedRead = _sharedReads.Enter();
            CountIo(bio);
            RemapAndIssue(volume, bio, found.Block);
            IssueSharedRest(volume, dataCell, found.Block);
            IssueSharedRest(volume, virtualCell, found.Block);
        }
    }

    private void BreakSharing(ThinVolume volume, TargetBio bio, VirtualBlock block, ThinLookup found, PrisonCell cell)
    {
        var errno = AllocateBlock(out var dataBlock);
        if (errno == Errno.None)
            ScheduleCopy(volume, block, volume.PoolDevice.Device, ToSectors(found.Block.Value), dataBlock, cell, bio, BlockSectors);
        else
            HandleAllocationFailure("break_sharing", errno, cell);
    }

    private void ProcessBioReadOnly(ThinVolume volume, TargetBio bio) => ProcessReadOnly(volume, bio, null);

    private void ProcessCellReadOnly(ThinVolume volume, PrisonCell cell) => ProcessReadOnly(volume, cell.Holder!, cell);

    /// <summary>__process_bio_read_only: what needs no new block.</summary>
    private void ProcessReadOnly(ThinVolume volume, TargetBio bio, PrisonCell? cell)
    {
        var errno = Unlocked(Metadata.FindBlock(volume.Metadata, BlockOf(bio), canIssueIo: true, out var found));
        if (errno == Errno.None && found.Shared && bio.IsWrite && bio.SectorCount != 0)
        {
            HandleUnserviceable(volume, bio);
            DeferRest(volume, cell);
        }
        else if (errno == Errno.None)
        {
            CountIo(bio);
            RemapAndIssue(volume, bio, found.Block);
            if (cell is not null)
                IssueRest(volume, cell, found.Block);
        }
        else if (errno == Errno.ENODATA)
        {
            DeferRest(volume, cell);
            ProcessHoleReadOnly(volume, bio);
        }
        else
        {
            LogLimited("__process_bio_read_only", 0, $"__process_bio_read_only: dm_thin_find_block() failed: error = {-(int)errno}");
            DeferRest(volume, cell);
            bio.End(BlkStatus.IoErr);
        }
    }

    private void ProcessHoleReadOnly(ThinVolume volume, TargetBio bio)
    {
        if (bio.IsWrite)
        {
            HandleUnserviceable(volume, bio);
        }
        else if (volume.Origin is { } origin)
        {
            // Here the kernel does not look at the origin's size.
            CountIo(bio);
            bio.Device = origin.Device;
            Issue(volume, bio);
        }
        else
        {
            bio.Data.Span.Clear();
            bio.End();
        }
    }

    /// <summary>should_error_unserviceable_bio: Ok when the bio may wait for room.</summary>
    private BlkStatus UnserviceableStatus()
    {
        switch (Mode)
        {
            case PoolMode.Write:
                LogLimited("should_error_unserviceable_bio", 0, "bio unserviceable, yet pool is in PM_WRITE mode");
                return BlkStatus.IoErr;
            case PoolMode.OutOfDataSpace:
                return Features.ErrorIfNoSpace ? BlkStatus.NoSpc : BlkStatus.Ok;
            default:
                return BlkStatus.IoErr;
        }
    }

    private void HandleUnserviceable(ThinVolume volume, TargetBio bio)
    {
        var status = UnserviceableStatus();
        if (status == BlkStatus.Ok)
            volume.RetryOnResume.Add(bio);
        else
            bio.End(status);
    }

    /// <summary>retry_bios_on_resume.</summary>
    private void RetryCellOnResume(PrisonCell cell)
    {
        var status = UnserviceableStatus();
        if (status != BlkStatus.Ok)
        {
            EndCell(cell, status);
            return;
        }
        _prison.Release(cell);
        foreach (var bio in cell.Inmates)
            BioHook.Of(bio).Volume.RetryOnResume.Add(bio);
    }
}
