using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.PageCache;
using DmSim.Model.Profiles;
using DmSim.Model.Snapshots;
using DmSim.Model.Statistics;
using DmSim.Model.Targets;
using DmSim.Model.Thin;

namespace DmSim.Model.Machine;

/// <summary>What every part of the simulated kernel shares: its release, its time, its log, its devices.</summary>
public sealed class SimulatedKernel
{
    /// <param name="profile">Which release it is.</param>
    /// <param name="targetTypes">The registered target types, oldest first; those of the registry where none are given.</param>
    public SimulatedKernel(KernelProfile profile, IReadOnlyList<TargetType>? targetTypes = null)
    {
        Profile = profile;
        Log = new ModelLog { RefusalLevel = profile.Has(KernelRule.RefusalsAreErrors) ? 3 : 4 };
        TargetTypes = new TargetTypeTable(targetTypes ?? TargetRegistry.All);
        Devices = new DeviceRegistry(this);
        Blocks = new BlockLayer(this);
        RateLimits = new RateLimits(this);
        Loops = new LoopDevices(this);
        ThinPools = new ThinPoolTable(this);
        SnapshotOrigins = new SnapshotOrigins(this);
        Flusher = new Flusher(this);
        Time.AfterTimer = Work.RunAll;
    }

    public KernelProfile Profile { get; }
    public VirtualTime Time { get; } = new();
    public ModelLog Log { get; }
    public ModelUevents Uevents { get; } = new();
    public WorkQueue Work { get; } = new();
    public Interrupts Interrupts { get; } = new();
    public TargetTypeTable TargetTypes { get; }
    public DeviceRegistry Devices { get; }
    public BlockLayer Blocks { get; }
    public RateLimits RateLimits { get; }
    public LoopDevices Loops { get; }

    /// <summary>Parameters of its modules.</summary>
    public KernelParameters Parameters { get; } = new();

    /// <summary>Which pages of devices stay in memory.</summary>
    internal PageReclaim PageReclaim { get; } = new();

    /// <summary>Writes back what has been dirty for long.</summary>
    internal Flusher Flusher { get; }

    /// <summary>What the statistics of all devices take.</summary>
    public StatisticsMemory StatisticsMemory { get; } = new();

    /// <summary>The pools of the thin provisioning module.</summary>
    internal ThinPoolTable ThinPools { get; }

    /// <summary>The origins of the snapshot module.</summary>
    internal SnapshotOrigins SnapshotOrigins { get; }

    /// <summary>
    /// A worker of the processor's own pool, which most work queues use. Which of its workers it is, is the second number: on a real machine
    /// any.
    /// </summary>
    internal const string BoundWorker = "kworker/0:0";

    /// <summary>A worker of the pool for queues with WQ_UNBOUND: loop, dm-thin, kdmremove.</summary>
    internal const string UnboundWorker = "kworker/u2:0";

    /// <summary>current->comm in log lines: who submits I/O is named there.</summary>
    public string CommandName { get; set; } = "dmsim";

    /// <summary>
    /// queue_work, for a queue with WQ_UNBOUND (<see cref="WorkQueue.EnqueueUnbound"/>). Under the fair scheduler whoever is woken takes the
    /// processor from the worker.
    /// </summary>
    /// <param name="work">What is to be done.</param>
    /// <param name="isIo">As <see cref="WorkQueue.EnqueueIo"/>.</param>
    internal void QueueUnbound(Action work, bool isIo = false)
    {
        if (!FairScheduler)
            Work.EnqueueUnbound(work, isIo);
        else if (isIo)
            Work.EnqueueIo(work);
        else
            Work.Enqueue(work);
    }

    private long _rescuers;

    /// <summary>
    /// The place of a thread of the lowest rank among others: a queue's rescuer, whose end the end of the queue waits for (destroy_workqueue,
    /// kernel/workqueue.c). They run under the fair scheduler, which takes the one that was made first or that was woken first.
    /// </summary>
    internal long NextRescuer() => ++_rescuers;

    /// <summary>Sleeps until the rescuer has ended.</summary>
    /// <param name="rescuer">What <see cref="NextRescuer"/> has said of it.</param>
    internal ValueTask SettleRescuer(long rescuer) => Work.Settle(Profile.Has(KernelRule.OlderRunsFirst) ? rescuer : NextRescuer());

    /// <summary>Does something on the time of a worker thread.</summary>
    internal void RunAs(string worker, Action work)
    {
        string interrupted = CommandName;
        CommandName = worker;
        work();
        CommandName = interrupted;
    }

    /// <summary>
    /// Whether user space runs under the fair scheduler, as real programs do: a worker that they wake has used less of the processor, and
    /// takes it from them (check_preempt_wakeup, kernel/sched/fair.c, 6.1). Otherwise under SCHED_FIFO, as what the harness compares with
    /// does: who submits goes on until it sleeps (check_preempt_curr_rt, kernel/sched/rt.c), and who suspends goes before all others.
    /// </summary>
    public bool FairScheduler { get; init; }

    /// <summary>What lies at a path of the machine's user space; null where that has /dev/loopN and /dev/dm-N only.</summary>
    public Func<string, (Errno Errno, DeviceNumber Number)>? PathLookup { get; set; }

    /// <summary>dm_global_event_nr: what poll(2) on the control node looks at.</summary>
    public uint GlobalEventNr { get; private set; }

    /// <summary>Whether <see cref="RefusedLine"/> is kept.</summary>
    internal bool WatchesRefusals { get; set; }

    /// <summary>The table line that was refused last, as it was given.</summary>
    internal string? RefusedLine { get; set; }

    /// <summary>dm_issue_global_event.</summary>
    internal void IssueGlobalEvent() => GlobalEventNr = unchecked(GlobalEventNr + 1);

    /// <summary>msleep: the process is woken by a timer, and goes on when its turn comes.</summary>
    internal Task SleepAsync(uint milliseconds)
    {
        var woken = new TaskCompletionSource();
        TimerWheel.Arm(Time, Jiffies.At(Time.Now) + Jiffies.FromMilliseconds(milliseconds) + 1, () => Work.Enqueue(woken.SetResult));
        return woken.Task;
    }

    /// <summary>
    /// A call of somebody who takes turns with others sleeps for a grace period, before it returns. Programs on a wall clock do not see that,
    /// and who is at work lets others wait.
    /// </summary>
    internal void SleepGracePeriod()
    {
        if (Work.TakesTurns && !Work.IsDraining)
            Time.AdvanceTo(Jiffies.ToInstant(Jiffies.At(Time.Now) + GracePeriodTicks) + AfterTick);
    }

    private const long GracePeriodTicks = 3;

    /// <summary>Who is woken at a tick comes a little after it.</summary>
    private static readonly TimeSpan AfterTick = TimeSpan.FromMilliseconds(0.5);

    /// <summary>Wakes the worker that removes devices whose removal was put off; set by who has their names.</summary>
    internal Action? QueueDeferredRemove { get; set; }
}
