using DmSim.Model.Blocks;
using DmSim.Model.Profiles;

namespace DmSim.Model.Devices;

/// <summary>What happens when the clones of a bio have ended (drivers/md/dm.c, 6.1).</summary>
public sealed partial class MappedDevice
{
    // md->requeue_list: pieces of split bios that a target pushed back.
    private Stack<DeviceIo>? _requeued;

    /// <summary>
    /// __dm_io_complete. What a target pushed back while a noflush suspend is under way goes to the head of the deferred list; else
    /// it fails. A piece of a split bio does so in a second stage, in a worker, with a bio of its own.
    /// </summary>
    internal void CompleteIo(DeviceIo io, bool firstStage)
    {
        bool requeued = false;
        bool rewinds = Kernel.Profile.Has(KernelRule.PiecesCountWhenSent);
        if (io.Outcome == BlkStatus.DmRequeue)
        {
            if (firstStage && rewinds)
            {
                RequeueSplit(io);
                return;
            }
            requeued = NoflushSuspending;
            if (requeued)
                _deferred.AddFirst(io.Original);
            else
                io.Outcome = BlkStatus.IoErr;
        }
        if (io.IsAccounted)
        {
            io.EndAccounting();
        }
        else if (io.Outcome == BlkStatus.Ok)
        {
            // The target answered it itself.
            io.StartAccounting();
            io.EndAccounting();
        }
        _pendingIo--;
        _idle?.WakeAll();
        if (!requeued)
            EndOriginal(io);
        else if (rewinds)
            QueueDeferredWork();
    }

    private void EndOriginal(DeviceIo io)
    {
        var bio = io.Original;
        if (io.SendsFlush && bio.SectorCount != 0)
        {
            // All have flushed; the data goes without the flush now.
            bio.Flags &= ~BioFlags.Preflush;
            QueueIo(bio);
            return;
        }
        if (io.Outcome != BlkStatus.Ok)
            bio.Status = io.Outcome;
        if (io.IsReusable && _spareIos.Count < Bio.MostSpare)
            _spareIos.Push(io);
        bio.End();
    }

    private void RequeueSplit(DeviceIo io)
    {
        if (_requeued is null)
        {
            _requeued = new Stack<DeviceIo>();
            Kernel.Work.Enqueue(CompleteRequeued);
        }
        _requeued.Push(io);
    }

    /// <summary>dm_wq_requeue_work.</summary>
    private void CompleteRequeued()
    {
        var ios = _requeued!;
        _requeued = null;
        while (ios.TryPop(out var io))
        {
            io.Rewind();
            CompleteIo(io, firstStage: false);
        }
    }

    /// <summary>disable_discard, disable_write_zeroes: a device below says that it does not have it after all.</summary>
    internal void DisableWhatFailed(Bio clone)
    {
        if (clone.Op == BioOp.Discard && clone.Device.Limits.MaxDiscardSectors == 0)
            _limits = _limits with { MaxDiscardSectors = 0 };
        else if (clone.Op == BioOp.WriteZeroes && clone.Device.Limits.MaxWriteZeroesSectors == 0)
            _limits = _limits with { MaxWriteZeroesSectors = 0 };
    }
}
