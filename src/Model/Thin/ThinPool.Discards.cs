using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;

namespace DmSim.Model.Thin;

/// <content>Discards: whole blocks become holes, and the data device hears of those that nobody else has.</content>
internal sealed partial class ThinPool
{
    /// <summary>process_discard_bio.</summary>
    private void ProcessDiscardBio(ThinVolume volume, TargetBio bio)
    {
        ulong begin = (bio.Sector + BlockSectors - 1) / BlockSectors;
        ulong end = bio.EndSector / BlockSectors;
        // Less than a block leaves everything as it is.
        if (end <= begin)
        {
            bio.End();
            return;
        }
        var key = new CellKey(true, volume.Metadata.Id, begin, end);
        if (_prison.TryTake(key, bio, out var cell))
            _processDiscardCell(volume, cell);
    }

    private void ProcessDiscardCellWithoutPassdown(ThinVolume volume, PrisonCell cell)
    {
        var mapping = new NewMapping(volume, new VirtualBlock(cell.Key.Begin), new VirtualBlock(cell.Key.End), cell)
        {
            Bio = cell.Holder,
        };
        if (!_allIo.TryAdd(mapping))
            _processPreparedDiscard(mapping);
    }

    /// <summary>process_prepared_discard_no_passdown.</summary>
    private void FinishDiscardWithoutPassdown(NewMapping mapping)
    {
        var volume = mapping.Volume;
        var key = mapping.Cell.Key;
        var errno = Unlocked(Metadata.RemoveRange(volume.Metadata, new VirtualBlock(key.Begin), new VirtualBlock(key.End)));
        if (errno != Errno.None)
        {
            MetadataOperationFailed("dm_thin_remove_range", errno);
            mapping.Bio!.End(BlkStatus.IoErr);
        }
        else
        {
            mapping.Bio!.End();
        }
        DeferRest(volume, mapping.Cell);
    }

    /// <summary>process_discard_cell_passdown: the bio ends when the last of its runs does, and then its cell opens.</summary>
    private void ProcessDiscardCellWithPassdown(ThinVolume volume, PrisonCell cell)
    {
        var bio = cell.Holder!;
        BioHook.Of(bio).Cell = cell;
        BreakUpDiscard(volume, cell.Key.Begin, cell.Key.End, bio);
        bio.End();
    }

    /// <summary>break_up_discard_bio: one mapping for each run of blocks that lie together on the data device.</summary>
    private void BreakUpDiscard(ThinVolume volume, ulong begin, ulong end, TargetBio bio)
    {
        while (begin != end)
        {
            var errno = Unlocked(Metadata.FindMappedRange(volume.Metadata, new VirtualBlock(begin), new VirtualBlock(end), out var range));
            if (errno != Errno.None)
                return;
            begin = range.End.Value;
            var key = new CellKey(
                false, volume.Metadata.Id, range.DataBegin.Value, range.DataBegin.Value + (range.End.Value - range.Begin.Value));
            // Somebody works on these blocks: they stay.
            if (!_prison.TryTake(key, null, out var cell))
                continue;
            var mapping = new NewMapping(volume, range.Begin, range.End, cell)
            {
                DataBegin = range.DataBegin,
                MaybeShared = range.MaybeShared,
                Bio = bio,
            };
            bio.IncRemaining();
            if (!_allIo.TryAdd(mapping))
                _processPreparedDiscard(mapping);
        }
    }

    /// <summary>
    /// process_prepared_discard_passdown_pt1: unmaps. One reference keeps the blocks from being taken while the data device discards
    /// them.
    /// </summary>
    private void StartDiscardPassdown(NewMapping mapping)
    {
        var volume = mapping.Volume;
        var errno = Unlocked(Metadata.RemoveRange(volume.Metadata, mapping.Begin, mapping.End));
        string operation = "dm_thin_remove_range";
        if (errno == Errno.None)
        {
            errno = Unlocked(Metadata.IncrementDataRange(mapping.DataBegin, mapping.DataEnd));
            operation = "dm_pool_inc_data_range";
        }
        if (errno != Errno.None)
        {
            MetadataOperationFailed(operation, errno);
            mapping.Bio!.End(BlkStatus.IoErr);
            DeferRest(volume, mapping.Cell);
            return;
        }
        // Whether the data device manages to discard does not matter.
        var parent = new Bio(volume.PoolDevice.Device, BioOp.Discard)
        {
            EndIo = _ =>
            {
                _preparedDiscardsPart2.Add(mapping);
                WakeWorker();
            },
        };
        var discard = new DiscardChain(volume.PoolDevice.Device, parent);
        errno = mapping.MaybeShared
            ? DiscardUnshared(discard, mapping)
            : discard.Add(ToSectors(mapping.DataBegin.Value), ToSectors(mapping.DataEnd.Value - mapping.DataBegin.Value));
        discard.Finish(errno);
    }

    /// <summary>passdown_double_checking_shared_status: the runs that have just lost their last user.</summary>
    private Errno DiscardUnshared(DiscardChain discard, NewMapping mapping)
    {
        ulong end = mapping.DataEnd.Value;
        for (ulong begin = mapping.DataBegin.Value, next; begin < end; begin = next)
        {
            next = begin + 1;
            var errno = Unlocked(Metadata.IsShared(new DataBlock(begin), out bool shared));
            if (errno == Errno.None && shared)
                continue;
            for (; errno == Errno.None && next < end; next++)
            {
                errno = Unlocked(Metadata.IsShared(new DataBlock(next), out shared));
                if (shared)
                    break;
            }
            if (errno == Errno.None)
                errno = discard.Add(ToSectors(begin), ToSectors(next - begin));
            if (errno != Errno.None)
                return errno;
        }
        return Errno.None;
    }

    /// <summary>process_prepared_discard_passdown_pt2.</summary>
    private void FinishDiscardPassdown(NewMapping mapping)
    {
        var errno = Unlocked(Metadata.DecrementDataRange(mapping.DataBegin, mapping.DataEnd));
        if (errno != Errno.None)
        {
            MetadataOperationFailed("dm_pool_dec_data_range", errno);
            mapping.Bio!.End(BlkStatus.IoErr);
        }
        else
        {
            mapping.Bio!.End();
        }
        DeferRest(mapping.Volume, mapping.Cell);
    }

    private void FailPreparedDiscard(NewMapping mapping)
    {
        mapping.Bio!.End(BlkStatus.IoErr);
        DeferRest(mapping.Volume, mapping.Cell);
    }

    private void SucceedPreparedDiscard(NewMapping mapping)
    {
        mapping.Bio!.End();
        DeferRest(mapping.Volume, mapping.Cell);
    }
}
