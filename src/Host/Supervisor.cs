using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>A system call that waits for the supervisor's answer.</summary>
/// <param name="listener">On which it came, and is answered.</param>
internal readonly struct TrappedCall(seccomp_notif notification, int listener)
{
    public int Listener => listener;
    public ulong Id => notification.id;
    public uint Thread => notification.pid;
    public int Number => notification.data.nr;

    public unsafe ulong Argument(int index)
    {
        var data = notification.data;
        return data.args[index];
    }
}

/// <summary>Receives the trapped system calls one by one, has them handled, and sends the answers.</summary>
internal sealed class Supervisor(Simulation simulation)
{
    private readonly ConcurrentDictionary<ulong, TrappedCall> _waiting = new();
    private readonly Dictionary<int, Action<TrappedCall>> _handlers = [];
    private ImmutableList<int> _listeners = [];
    private long _served;
    private int _busy;

    /// <summary>Threads whose call has not been answered yet. Who was killed meanwhile does not wait.</summary>
    public IEnumerable<uint> WaitingProcesses => _waiting.Values.Where(IsValid).Select(static call => call.Thread);

    public long Served => Volatile.Read(ref _served);
    public bool IsBusy => Volatile.Read(ref _busy) > 0 || Volatile.Read(ref _listeners).Any(listener => Libc.Poll(listener, Libc.POLLIN, 0))
        || Volatile.Read(ref _servers).Any(Processes.IsAwake);

    /// <summary>The threads that serve. One that is not asleep may have received a call of which nobody else can know yet.</summary>
    private ImmutableList<int> _servers = [];

    public void Handle(int systemCall, Action<TrappedCall> handler) => _handlers.Add(systemCall, handler);

    /// <summary>Until the last program under the listener's filter has ended. Several listeners can be served, each by a thread of its own.</summary>
    public void Serve(int listener)
    {
        int thread = Libc.ThreadId;
        ImmutableInterlocked.Update(ref _listeners, list => list.Add(listener));
        ImmutableInterlocked.Update(ref _servers, list => list.Add(thread));
        ServeAll(listener);
        ImmutableInterlocked.Update(ref _servers, list => list.Remove(thread));
        ImmutableInterlocked.Update(ref _listeners, list => list.Remove(listener));
    }

    private unsafe void ServeAll(int listener)
    {
        while (true)
        {
            seccomp_notif notification = default;
            var errno = Libc.Ioctl(listener, Libc.SECCOMP_IOCTL_NOTIF_RECV, &notification);
            if (errno is Errno.EINTR or Errno.ENOENT)
            {
                // ENOENT: whoever called was killed before we came; or nobody is left.
                if (Libc.Poll(listener, POLLHUP, 0))
                    return;
                continue;
            }
            if (errno != Errno.None)
                return;
            Interlocked.Increment(ref _busy);
            Interlocked.Increment(ref _served);
            var call = new TrappedCall(notification, listener);
            _waiting[call.Id] = call;
            if (!Quick.Contains(call.Number))
                simulation.ProgramWorks(call.Thread);
            if (_handlers.TryGetValue(call.Number, out var handler))
                handler(call);
            else
                Continue(call);
            Interlocked.Decrement(ref _busy);
        }
    }

    private const short POLLHUP = 16;

    /// <summary>What is no work, however often it is done: only what tools do with devices is counted.</summary>
    private static readonly FrozenSet<int> Quick = new[]
    {
        Libc.SYS_open, Libc.SYS_openat, Libc.SYS_lseek, Libc.SYS_fadvise64, Libc.SYS_clock_gettime, Libc.SYS_gettimeofday, Libc.SYS_time,
        Libc.SYS_futex,
    }.ToFrozenSet();

    /// <summary>Whether the caller is still there and waits: checked between reading his memory and acting on it.</summary>
    public unsafe bool IsValid(TrappedCall call)
    {
        ulong id = call.Id;
        return Libc.Ioctl(call.Listener, Libc.SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == Errno.None;
    }

    /// <summary>The kernel does the call as if nobody had looked.</summary>
    public void Continue(TrappedCall call) =>
        Send(call.Listener, new seccomp_notif_resp { id = call.Id, flags = Libc.SECCOMP_USER_NOTIF_FLAG_CONTINUE });

    public void Return(TrappedCall call, long value) => Send(call.Listener, new seccomp_notif_resp { id = call.Id, val = value });

    public void Fail(TrappedCall call, Errno errno) => Send(call.Listener, new seccomp_notif_resp { id = call.Id, error = -(int)errno });

    /// <summary>The call returns a new descriptor of an open file of ours. False when this kernel cannot do that (before 5.14).</summary>
    /// <param name="flags">O_CLOEXEC or 0.</param>
    public unsafe bool GiveFile(TrappedCall call, int file, uint flags)
    {
        var gift = new seccomp_notif_addfd
        {
            id = call.Id, flags = Libc.SECCOMP_ADDFD_FLAG_SEND, srcfd = (uint)file, newfd_flags = flags,
        };
        if (Libc.Ioctl(call.Listener, Libc.SECCOMP_IOCTL_NOTIF_ADDFD, &gift) is Errno.EINVAL or Errno.ENOTTY)
            return false;
        _waiting.TryRemove(call.Id, out _);
        return true;
    }

    public void Answer(TrappedCall call, Errno errno, long value = 0)
    {
        if (errno == Errno.None)
            Return(call, value);
        else
            Fail(call, errno);
    }

    private unsafe void Send(int listener, seccomp_notif_resp answer)
    {
        _waiting.TryRemove(answer.id, out _);
        // ENOENT: the caller is gone.
        _ = Libc.Ioctl(listener, Libc.SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }

    /// <summary>Makes a call of the machine, which may take its time, and answers with what <paramref name="answer"/> does.</summary>
    public void Enter(TrappedCall call, Func<IHostedMachine, ValueTask<Errno>> work, Action<Errno> answer)
    {
        simulation.Enter();
        try
        {
            simulation.Machine.CallerName = Processes.NameOf(call.Thread);
            simulation.WhenDone(work(simulation.Machine), answer);
        }
        finally
        {
            simulation.Exit();
        }
    }
}
