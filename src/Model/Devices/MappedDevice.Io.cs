using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using DmSim.Model.Targets;

namespace DmSim.Model.Devices;

/// <summary>
/// The path of a bio through a mapped device: split along targets and their limits, cloned, mapped, and ended when its clones
/// have (drivers/md/dm.c, 6.1). MappedDevice.Io.Completion.cs has the way back.
/// </summary>
public sealed partial class MappedDevice
{
    // md->deferred: bios that came while the device was suspended, and those to do over.
    private readonly LinkedList<Bio> _deferred = [];
    private bool _deferredWorkQueued;
    private WaitQueue? _idle;
    private int _pendingIo;

    /// <summary>dm_in_flight_bios: bios that were taken and have not been ended, deferred ones not counted.</summary>
    internal bool HasBiosInFlight => _pendingIo != 0;

    /// <summary>Bios that wait for a resume.</summary>
    public int DeferredBios => _deferred.Count;

    /// <summary>md->wait: woken whenever a bio in flight ends. A suspend sleeps here.</summary>
    internal WaitQueue Idle => _idle ??= new WaitQueue(Kernel, ofSuspenders: true);

    /// <summary>dm_submit_bio.</summary>
    public override void HandleBio(Bio bio)
    {
        if (LiveTable is not { } table)
        {
            if (Kernel.RateLimits.Allow("dm_submit_bio"))
                Kernel.Log.Err("core", $"{DeviceName}: mapping table unavailable, erroring io");
            bio.End(BlkStatus.IoErr);
        }
        else if (BlockIoForSuspend && !Kernel.Blocks.RunsAtOnce)
        {
            DeferUntilResume(bio);
        }
        else
        {
            SplitAndProcess(table, bio);
        }
    }

    private void DeferUntilResume(Bio bio)
    {
        if ((bio.Flags & BioFlags.NoWait) != 0)
            bio.End(BlkStatus.Again);
        else if ((bio.Flags & BioFlags.ReadAhead) != 0)
            bio.End(BlkStatus.IoErr);
        else
            QueueIo(bio);
    }

    /// <summary>queue_io: a worker submits it, when the device lets it.</summary>
    private void QueueIo(Bio bio)
    {
        _deferred.AddLast(bio);
        QueueDeferredWork();
    }

    private void QueueDeferredWork()
    {
        if (_deferredWorkQueued)
            return;
        _deferredWorkQueued = true;
        Kernel.Work.Enqueue(SubmitDeferredBios);
    }

    /// <summary>dm_wq_work: submits the deferred bios again, in order, until the device blocks or none is left.</summary>
    private void SubmitDeferredBios()
    {
        _deferredWorkQueued = false;
        Kernel.RunAs(SimulatedKernel.BoundWorker, () =>
        {
            while (!BlockIoForSuspend && _deferred.First is { } node)
            {
                _deferred.RemoveFirst();
                Kernel.Blocks.Submit(node.Value);
            }
        });
    }

    // md->mempools: what has ended and is used again.
    private readonly Stack<DeviceIo> _spareIos = new();

    /// <summary>dm_split_and_process_bio: one piece now; the rest is submitted once more, after what this piece submits.</summary>
    private void SplitAndProcess(Table table, Bio bio)
    {
        bool changesExtent = bio.Op is BioOp.Discard or BioOp.SecureErase or BioOp.WriteZeroes;
        if (changesExtent)
            bio = BioSplitting.SplitToLimits(bio);
        if (_spareIos.TryPop(out var io))
            io.Reuse(bio);
        else
            io = new DeviceIo(this, bio);
        _pendingIo++;
        if (bio.IsPreflush && !(bio.SectorCount != 0 && table.FlushesKeepData))
        {
            SendEmptyFlush(table, io);
            io.DropReference(BlkStatus.Ok);
            return;
        }
        ulong left = bio.SectorCount;
        var status = SplitAndProcess(table, io, changesExtent, ref left);
        if (status == BlkStatus.Ok && left != 0)
        {
            if (Kernel.Profile.Has(KernelRule.PiecesCountWhenSent))
            {
                bio.Trim(io.Length, left);
                bio.IncRemaining();
            }
            else
            {
                io.SplitOff();
            }
            Kernel.Blocks.Submit(bio);
        }
        if (status != BlkStatus.Ok)
            io.References--;
        io.DropReference(status);
    }

    /// <summary>__split_and_process_bio: sends the clone or clones of the first piece.</summary>
    private BlkStatus SplitAndProcess(Table table, DeviceIo io, bool changesExtent, ref ulong left)
    {
        ulong sector = io.Original.Sector;
        if (table.FindTarget(sector) is not { } target)
            return BlkStatus.IoErr;
        if ((io.Original.Flags & BioFlags.NoWait) != 0 && (target.Type.Features & TargetFeatures.Nowait) == 0)
            return BlkStatus.NotSupp;
        ulong toBoundary = target.Length.Value - (sector - target.Begin.Value);
        if (changesExtent)
        {
            uint clones = io.Original.Op switch
            {
                BioOp.Discard => target.NumDiscardBios,
                BioOp.SecureErase => target.NumSecureEraseBios,
                _ => target.NumWriteZeroesBios,
            };
            // That the device offers it does not say that every target has it.
            if (clones == 0)
                return BlkStatus.NotSupp;
            io.SetLength(Math.Min(left, MaxAbnormalLength(io.Original.Op, target, sector, toBoundary)), left);
            SendClones(table, io, target, clones);
            io.References--;
        }
        else
        {
            io.SetLength(Math.Min(left, MaxIoLength(target, sector, toBoundary)), left);
            Map(target, io.CloneFor(target, 0, table.ClonesFromCache));
        }
        left -= io.Length;
        return BlkStatus.Ok;
    }

    /// <summary>__max_io_len as __process_abnormal_io asks it (6.12).</summary>
    private ulong MaxAbnormalLength(BioOp op, Target target, ulong sector, ulong toBoundary)
    {
        uint max = Limits.MaxDiscardSectors;
        return op == BioOp.Discard && target.MaxDiscardGranularity && max != 0
            ? Math.Min(toBoundary, BioSplitting.ChunkSectorsLeft(sector - target.Begin.Value, max)) : toBoundary;
    }

    /// <summary>max_io_len.</summary>
    private ulong MaxIoLength(Target target, ulong sector, ulong toBoundary)
    {
        if (target.MaxIoLen == 0)
            return toBoundary;
        uint inChunk = BioSplitting.ChunkSectorsLeft(sector - target.Begin.Value, target.MaxIoLen);
        return Math.Min(toBoundary, Math.Min(Limits.MaxSectors, inChunk));
    }

    /// <summary>__send_duplicate_bios, with the references that the clones will drop.</summary>
    private static void SendClones(Table table, DeviceIo io, Target target, uint count)
    {
        io.References += checked((int)count);
        // They are all made before the first is mapped, whose end may move the original on.
        var clones = new TargetBio[count];
        for (uint number = 0; number < count; number++)
            clones[number] = io.CloneFor(target, number, table.ClonesFromCache);
        foreach (var clone in clones)
            Map(target, clone);
    }

    /// <summary>
    /// __send_empty_flush: to every target as often as it wants, or past them to the devices, the last taken first. Data that came with it is
    /// sent when all have flushed.
    /// </summary>
    private void SendEmptyFlush(Table table, DeviceIo io)
    {
        io.BeginFlush();
        if (table.FlushBypassesMap)
        {
            for (int i = table.Devices.Count - 1; i >= 0; i--)
            {
                io.References++;
                var clone = io.CloneFor(null, 0, table.ClonesFromCache);
                clone.Device = table.Devices[i].Device;
                clone.SubmitRemapped();
            }
        }
        else
        {
            foreach (var target in table.Targets)
                SendClones(table, io, target, target.NumFlushBios);
        }
        io.References--;
    }

    /// <summary>__map_bio.</summary>
    private static void Map(Target target, TargetBio clone)
    {
        switch (target.Map(clone))
        {
            case MapResult.Submitted:
                if (!target.AccountsRemappedIo)
                    clone.Io.StartAccounting();
                break;
            case MapResult.Remapped:
                clone.SubmitRemapped();
                break;
            case MapResult.Kill:
                clone.Io.DropReference(BlkStatus.IoErr);
                break;
            case MapResult.Requeue:
                clone.Io.DropReference(BlkStatus.DmRequeue);
                break;
            default:
                throw new InvalidOperationException($"{target.Type.Name} answered an unknown map result");
        }
    }
}
