using DmSim.Abi;
using DmSim.Model.Blocks.Partitions;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Model.Blocks;

/// <summary>
/// What stands between a bio and its driver (block/blk-core.c, block/blk-merge.c, 6.1): the checks that come first, the order in
/// which stacked drivers are called, and splitting to a queue's limits.
/// </summary>
public sealed class BlockLayer(SimulatedKernel kernel)
{
    // current->bio_list: what the driver that runs now has submitted, and what waits from before, the next one on top.
    private List<Bio> _submitted = [];
    private Stack<Bio> _waiting = new();
    private bool _dispatching;

    /// <summary>submit_bio_noacct. The bio ends now, or at a later virtual instant.</summary>
    public void Submit(Bio bio)
    {
        var device = bio.Device;
        WarnIfReadOnly(bio);
        if (IsBeyondEnd(bio))
        {
            bio.End(BlkStatus.IoErr);
            return;
        }
        if (device is Partition partition)
        {
            bio.SendToDisk(partition);
            device = partition.Whole;
        }
        if (bio.IsFlush && !device.Limits.WriteCache)
        {
            bio.Flags &= ~(BioFlags.Preflush | BioFlags.Fua);
            if (bio.SectorCount == 0)
            {
                bio.End(BlkStatus.Ok);
                return;
            }
        }
        if (IsSupported(bio.Op, device.Limits))
            Dispatch(bio);
        else
            bio.End(BlkStatus.NotSupp);
    }

    private static bool IsSupported(BioOp op, QueueLimits limits) => op switch
    {
        BioOp.Read or BioOp.Write => true,
        BioOp.Discard => limits.MaxDiscardSectors != 0,
        BioOp.SecureErase => limits.MaxSecureEraseSectors != 0,
        BioOp.WriteZeroes => limits.MaxWriteZeroesSectors != 0,
        _ => false,
    };

    /// <summary>bio_check_ro: says so, and lets it pass; what becomes of the write is the driver's affair.</summary>
    private void WarnIfReadOnly(Bio bio)
    {
        if (!bio.IsWrite || !bio.Device.ReadOnly || (bio.IsFlush && bio.SectorCount == 0))
            return;
        if (kernel.Profile.Has(KernelRule.ReadOnlyToldOnce))
        {
            if (bio.Device.ToldReadOnly)
                return;
            bio.Device.ToldReadOnly = true;
            kernel.Log.Write(4, $"Trying to write to read-only block-device {bio.Device.Name}");
            return;
        }
        if (kernel.Profile.Has(KernelRule.BioChecksNameTask))
            kernel.RateLimits.Write("bio_check_ro", 4, $"Trying to write to read-only block-device {bio.Device.Name}");
        else
            kernel.Log.Write(4, $"Trying to write to read-only block-device {bio.Device.Whole.Name} (partno {(bio.Device as Partition)?.PartitionNumber ?? 0})");
    }

    /// <summary>bio_check_eod. One printk of two lines.</summary>
    private bool IsBeyondEnd(Bio bio)
    {
        ulong limit = bio.Device.Capacity.Value;
        ulong count = bio.SectorCount;
        if (limit == 0 && !kernel.Profile.Has(KernelRule.EmptyDevicesBounded))
            return false;
        if (count == 0 || (count <= limit && bio.Sector <= limit - count))
            return false;
        if (limit == 0 && kernel.Profile.Has(KernelRule.EmptyDevicesUntold))
            return true;
        bool newer = kernel.Profile.Has(KernelRule.BioChecksNameTask);
        if (kernel.RateLimits.Allow(newer ? "bio_check_eod" : "handle_bad_sector"))
        {
            kernel.Log.Write(6, (newer ? $"{kernel.CommandName}: " : "") + "attempt to access beyond end of device\n"
                + $"{bio.Device.Name}: rw={bio.Opf}, " + (newer ? $"sector={bio.Sector}, nr_sectors = {count} limit={limit}"
                    : $"want={unchecked(bio.Sector + count)}, limit={limit}"));
        }
        return true;
    }

    /// <summary>
    /// More than any finite stack of tables makes of one bio. Tables in a circle remap it for ever: the kernel's submitter never
    /// comes back from submit_bio, here its I/O is never completed. A 6.1 kernel was asked with a pool that is its own data device (loaded over
    /// a live zero target; in the place of a live pool it is EBUSY): a clone for each round, until it panics for want of memory.
    /// </summary>
    private const int EndlessBios = 1 << 18;

    /// <summary>
    /// submit_bio_noacct_nocheck and __submit_bio_noacct: a bio that is submitted from within a driver's HandleBio waits until that
    /// has returned. Then come first the bios for devices below it, then those for the device itself, then what waited before.
    /// </summary>
    private void Dispatch(Bio bio)
    {
        if (_dispatching)
        {
            _submitted.Add(bio);
            return;
        }
        _dispatching = true;
        int handled = 0;
        for (Bio? next = bio; next is not null;)
        {
            if (++handled > EndlessBios)
            {
                _waiting.Clear();
                break;
            }
            var device = next.Device;
            device.HandleBio(next);
            if (_preempted)
                LetWorkersRun();
            next = TakeNext(device);
        }
        _dispatching = false;
    }

    /// <summary>What comes after what a device's driver has submitted last.</summary>
    private Bio? TakeNext(BlockDevice device)
    {
        Bio? next;
        if (_submitted.Count == 1)
        {
            next = _submitted[0];
        }
        else
        {
            for (int i = _submitted.Count - 1; i >= 0; i--)
                if (_submitted[i].Device == device)
                    _waiting.Push(_submitted[i]);
            for (int i = _submitted.Count - 1; i >= 0; i--)
                if (_submitted[i].Device != device)
                    _waiting.Push(_submitted[i]);
            _waiting.TryPop(out next);
        }
        _submitted.Clear();
        return next;
    }

    /// <summary>
    /// Submits a bio on behalf of a kernel thread that sleeps until it has ended, and of which nobody sees that it slept: metadata
    /// of a target. All that the bio needs happens now. On its way a delay does not delay and a suspended device lets it pass,
    /// where the real thread would sleep on.
    /// </summary>
    public BlkStatus SubmitAndWait(Bio bio)
    {
        bool ended = false;
        bio.EndIo = _ => ended = true;
        DoNow(() => Submit(bio), () => ended);
        return ended ? bio.Status : BlkStatus.IoErr;
    }

    /// <summary>As <see cref="SubmitAndWait"/>, for bios that are submitted one after the other, plugged. What does not end has failed.</summary>
    public void SubmitAllAndWait(IReadOnlyList<Bio> bios)
    {
        int running = bios.Count;
        var ended = new bool[running];
        for (int i = 0; i < bios.Count; i++)
        {
            int index = i;
            bios[i].EndIo = _ =>
            {
                ended[index] = true;
                running--;
            };
        }
        DoNow(() =>
        {
            StartPlug();
            foreach (var bio in bios)
                Submit(bio);
            FinishPlug();
        }, () => running == 0);
        for (int i = 0; i < bios.Count; i++)
        {
            if (!ended[i])
                bios[i].Status = BlkStatus.IoErr;
        }
    }

    /// <summary>As <see cref="SubmitAndWait"/>, for work of several bios. EIO when it does not come to its end.</summary>
    internal Errno CompleteNow(Func<ValueTask<Errno>> work)
    {
        ValueTask<Errno> running = default;
        DoNow(() => running = work(), () => running.IsCompleted);
        return running.IsCompleted ? running.Result : Errno.EIO;
    }

    private void DoNow(Action start, Func<bool> done)
    {
        bool runsAtOnce = RunsAtOnce;
        Asleep(() =>
        {
            RunsAtOnce = true;
            start();
            // Only another pool on the way still needs its workers.
            while (!done() && kernel.Work.RunOne()) { }
        });
        RunsAtOnce = runsAtOnce;
    }

    /// <summary>
    /// Whoever submits sleeps until the condition holds, before the driver that asks for it goes on. Where nothing that is under way
    /// makes it so without time passing, he goes on as it is.
    /// </summary>
    internal void SleepInSubmission(Func<bool> until) => Asleep(() =>
    {
        while (!until() && kernel.Work.RunOne()) { }
    });

    /// <summary>Whoever is at work is about to sleep for I/O of his own (<see cref="WorkQueue.RunIo"/>).</summary>
    internal void SleepForIo() => Asleep(kernel.Work.RunIo);

    /// <summary>What others do while whoever submits sleeps: he unplugs first, and finds his own lists as they were.</summary>
    private void Asleep(Action others)
    {
        Plug?.FlushToSleep();
        var (submitted, waiting, dispatching, plug) = (_submitted, _waiting, _dispatching, Plug);
        (_submitted, _waiting, _dispatching, Plug) = ([], new Stack<Bio>(), false, null);
        others();
        (_submitted, _waiting, _dispatching, Plug) = (submitted, waiting, dispatching, plug);
    }

    /// <summary>
    /// A worker was woken that takes the processor from whoever submits, before he has submitted the rest: what he has split off comes
    /// to a worker that is done with the first piece. Measured on 6.1 with one processor (sched_switch).
    /// </summary>
    internal void PreemptSubmitter() => _preempted = _dispatching && !kernel.Work.IsDraining && !RunsAtOnce;

    private bool _preempted;

    // What the workers use meanwhile; null while they do.
    private List<Bio>? _spareSubmitted = [];
    private Stack<Bio>? _spareWaiting = new();

    private void LetWorkersRun()
    {
        _preempted = false;
        var (submitted, waiting, plug) = (_submitted, _waiting, Plug);
        var (spareSubmitted, spareWaiting) = (_spareSubmitted ?? [], _spareWaiting ?? new Stack<Bio>());
        (_submitted, _waiting, _dispatching, Plug) = (spareSubmitted, spareWaiting, false, null);
        (_spareSubmitted, _spareWaiting) = (null, null);
        kernel.Work.Drain();
        (_submitted, _waiting, _dispatching, Plug) = (submitted, waiting, true, plug);
        (_spareSubmitted, _spareWaiting) = (spareSubmitted, spareWaiting);
    }

    /// <summary>Whether a <see cref="SubmitAndWait"/> is under way, which nothing may put off.</summary>
    internal bool RunsAtOnce { get; private set; }

    /// <summary>
    /// blk_start_plug: until <see cref="FinishPlug"/>, request queues hold back what they are given and merge what continues it.
    /// </summary>
    public void StartPlug()
    {
        Plug ??= _sparePlug ?? new Plug(kernel.Profile);
        _sparePlug = null;
    }

    // One that was in use and is empty.
    private Plug? _sparePlug;

    /// <summary>blk_finish_plug.</summary>
    /// <param name="sleeps">Whoever submitted has gone to sleep with the plug (blk_flush_plug from schedule()).</param>
    public void FinishPlug(bool sleeps = false)
    {
        if (Plug is not { } plug)
            return;
        Plug = null;
        if (sleeps)
            plug.FlushToSleep();
        else
            plug.Flush();
        plug.Reset();
        _sparePlug = plug;
    }

    /// <summary>current->plug.</summary>
    internal Plug? Plug { get; private set; }
}
