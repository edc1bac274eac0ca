using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Model.Targets;

/// <summary>
/// delay: I/O comes some milliseconds later. "device start delay", for reads; the same again for writes; again for flushes
/// (drivers/md/dm-delay.c, 6.1).
/// </summary>
public sealed class DelayType : TargetType
{
    public override string Name => "delay";
    public override TargetFeatures Features => TargetFeatures.PassesIntegrity;

    public override Errno Construct(TargetArguments arguments, out Target? target)
    {
        target = null;
        int count = arguments.Argv.Length;
        if (count is not (3 or 6 or 9))
            return arguments.Refuse(Errno.EINVAL, "Requires exactly 3, 6 or 9 arguments");
        // A class that is not given is that before it, constructed once more.
        int[] starts = [0, count == 3 ? 0 : 3, count == 9 ? 6 : count == 6 ? 3 : 0];
        var classes = new List<DelayClass>();
        foreach (int start in starts)
        {
            var errno = ConstructClass(arguments, start, out var delayClass);
            if (errno != Errno.None)
            {
                classes.ForEach(c => arguments.Table.PutDevice(c.Device));
                return errno;
            }
            classes.Add(delayClass!);
        }
        target = new DelayTarget(arguments, classes);
        return Errno.None;
    }

    /// <summary>delay_class_ctr.</summary>
    private static Errno ConstructClass(TargetArguments arguments, int at, out DelayClass? delayClass)
    {
        delayClass = null;
        if (!KernelParse.U64(arguments.Argv[at + 1], arguments.Profile, out ulong start))
            return arguments.Refuse(Errno.EINVAL, "Invalid device sector");
        if (!KernelParse.U32(arguments.Argv[at + 2], arguments.Profile, out uint delay))
            return arguments.Refuse(Errno.EINVAL, "Invalid delay");
        var errno = arguments.Table.GetDevice(arguments.Argv[at], arguments.Table.Mode, out var device);
        if (errno != Errno.None)
            return arguments.Refuse(errno, "Device lookup failed");
        delayClass = new DelayClass(device!, new Sectors(start), delay);
        return Errno.None;
    }
}

/// <summary>struct delay_class: where one kind of I/O goes, how late, and how much of it waits.</summary>
internal sealed class DelayClass(TableDevice device, Sectors start, uint milliseconds)
{
    public TableDevice Device { get; } = device;
    public Sectors Start { get; } = start;
    public uint Milliseconds { get; } = milliseconds;
    public uint Waiting { get; set; }

    public override string ToString() => $"{Device.Name} {Start} {Milliseconds}";
}

public sealed class DelayTarget : Target
{
    private readonly DelayClass _read;
    private readonly DelayClass _write;
    private readonly DelayClass _flush;
    private readonly int _argumentCount;
    private readonly bool _isFast;
    private readonly LinkedList<Delayed> _delayed = [];
    private VirtualTimer? _timer;
    private long _timerExpires;
    private bool _mayDelay = true;
    private bool _flushQueued;

    private readonly record struct Delayed(TargetBio Bio, DelayClass Class, long Expires);

    internal DelayTarget(TargetArguments arguments, List<DelayClass> classes)
        : base(arguments)
    {
        (_read, _write, _flush) = (classes[0], classes[1], classes[2]);
        _argumentCount = arguments.Argv.Length;
        _isFast = arguments.Profile.Has(KernelRule.ShortDelaysPolled) && classes.TrueForAll(c => c.Milliseconds < 50);
        NumFlushBios = 1;
        NumDiscardBios = 1;
        AccountsRemappedIo = true;
    }

    public override MapResult Map(TargetBio bio)
    {
        var delayClass = !bio.IsWrite ? _read : bio.IsPreflush ? _flush : _write;
        bio.Device = delayClass.Device.Device;
        bio.Sector = Remap(delayClass.Start, bio.Sector);
        if (delayClass.Milliseconds == 0 || !_mayDelay || Table.Kernel.Blocks.RunsAtOnce)
            return MapResult.Remapped;
        long expires = Jiffies.At(Table.Kernel.Time.Now) + Jiffies.FromMilliseconds(delayClass.Milliseconds);
        delayClass.Waiting++;
        _delayed.AddLast(new Delayed(bio, delayClass, expires));
        QueueTimeout(expires);
        return MapResult.Submitted;
    }

    /// <summary>
    /// queue_timeout: one timer for all, set to the earliest. A thread that looks at the time sees the tick itself (flush_worker_fn, 6.12; that of 7.3
    /// sleeps for up to a millisecond in between, which is not modelled).
    /// </summary>
    private void QueueTimeout(long expires)
    {
        if (_timer is not null && expires >= _timerExpires)
            return;
        _timer?.Cancel();
        _timerExpires = expires;
        _timer = _isFast ? Table.Kernel.Time.Schedule(Jiffies.ToInstant(expires), Expired) : TimerWheel.Arm(Table.Kernel.Time, expires, Expired);
    }

    /// <summary>handle_delayed_timer.</summary>
    private void Expired()
    {
        _timer = null;
        if (_flushQueued)
            return;
        _flushQueued = true;
        Table.Kernel.Work.Enqueue(FlushExpired);
    }

    /// <summary>The name of a thread of its own ("dm-delay-flush-worker"), as far as it fits.</summary>
    private const string OwnWorker = "dm-delay-flush-";

    /// <summary>flush_expired_bios, in a worker.</summary>
    private void FlushExpired()
    {
        _flushQueued = false;
        Table.Kernel.RunAs(_isFast ? OwnWorker : SimulatedKernel.BoundWorker, () => Submit(TakeDelayed(all: false)));
    }

    /// <summary>flush_delayed_bios: those whose time has come, in the order in which they arrived; sets the timer for the rest.</summary>
    private List<TargetBio> TakeDelayed(bool all)
    {
        long now = Jiffies.At(Table.Kernel.Time.Now);
        long? next = null;
        var due = new List<TargetBio>();
        for (var node = _delayed.First; node is not null;)
        {
            var following = node.Next;
            var delayed = node.Value;
            if (all || now >= delayed.Expires)
            {
                _delayed.Remove(node);
                delayed.Class.Waiting--;
                due.Add(delayed.Bio);
            }
            else
            {
                next = Math.Min(next ?? delayed.Expires, delayed.Expires);
            }
            node = following;
        }
        if (next is { } expires)
            QueueTimeout(expires);
        return due;
    }

    private void Submit(List<TargetBio> bios)
    {
        foreach (var bio in bios)
            bio.SubmitRemapped();
    }

    public override string Status(StatusType type, bool noflush)
    {
        if (type == StatusType.Info)
            return $"{_read.Waiting} {_write.Waiting} {_flush.Waiting}";
        if (type != StatusType.Table)
            return "";
        return _argumentCount switch
        {
            3 => $"{_read}",
            6 => $"{_read} {_write}",
            _ => $"{_read} {_write} {_flush}",
        };
    }

    /// <summary>What waits is let go at once, and nothing more is held until the device is resumed.</summary>
    public override ValueTask PresuspendAsync()
    {
        _mayDelay = false;
        _timer?.Cancel();
        _timer = null;
        Submit(TakeDelayed(all: true));
        return ValueTask.CompletedTask;
    }

    public override ValueTask ResumeAsync()
    {
        _mayDelay = true;
        return ValueTask.CompletedTask;
    }

    public override bool HasIterateDevices => true;

    public override bool IterateDevices(Func<TableDevice, Sectors, Sectors, bool> visit) =>
        visit(_read.Device, _read.Start, Length)
        || visit(_write.Device, _write.Start, Length)
        || visit(_flush.Device, _flush.Start, Length);

    public override void Destroy()
    {
        _timer?.Cancel();
        Table.PutDevice(_read.Device);
        Table.PutDevice(_write.Device);
        Table.PutDevice(_flush.Device);
    }
}
