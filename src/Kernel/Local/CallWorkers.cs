using DmSim.Kernel.Interop;

namespace DmSim.Kernel.Local;

/// <summary>
/// Threads for a machine's calls that may sleep in the kernel, one per call under way; idle ones are used again. Not the thread pool: it starts
/// threads slowly and late once its own are stuck, and stuck they will be.
/// </summary>
internal sealed class CallWorkers
{
    /// <summary>Of all machines there ever are: making a thread costs as much as many calls.</summary>
    private static readonly Stack<Worker> Idle = new();

    [ThreadStatic]
    private static bool t_isWorker;

    private readonly HashSet<Worker> _busy = [];

    /// <summary>No call is under way.</summary>
    public bool AreIdle
    {
        get
        {
            lock (Idle)
                return _busy.Count == 0;
        }
    }

    /// <summary>
    /// Runs a call on a thread of its own, or right here when this is one already: what follows a call that blocked (the next
    /// piece of a digest) needs no second change of threads. Continuations run on that thread.
    /// </summary>
    public ValueTask<T> RunAsync<T>(Func<T> call)
    {
        if (t_isWorker)
            return new(call());
        var done = new TaskCompletionSource<T>();
        Take().Start(this, () => done.SetResult(call()));
        return new(done.Task);
    }

    private Worker Take()
    {
        lock (Idle)
        {
            var worker = Idle.TryPop(out var idle) ? idle : new Worker();
            _busy.Add(worker);
            return worker;
        }
    }

    private void Return(Worker worker)
    {
        lock (Idle)
        {
            _busy.Remove(worker);
            Idle.Push(worker);
        }
    }

    /// <summary>Ends the calls under way that a signal can end, with EINTR: waits for events, not I/O.</summary>
    public void Interrupt()
    {
        lock (Idle)
        {
            foreach (var worker in _busy)
                Libc.Interrupt(worker.ThreadId);
        }
    }

    private sealed class Worker
    {
        private const int StackBytes = 256 << 10;

        private readonly object _gate = new();
        private (CallWorkers Owner, Action Call)? _work;
        private volatile int _threadId;

        /// <summary>Known from the first call on.</summary>
        public int ThreadId => _threadId;

        public Worker() => new Thread(Loop, StackBytes) { IsBackground = true, Name = LocalMachine.ThreadName }.Start();

        public void Start(CallWorkers owner, Action call)
        {
            lock (_gate)
            {
                _work = (owner, call);
                Monitor.Pulse(_gate);
            }
        }

        private void Loop()
        {
            t_isWorker = true;
            _threadId = Libc.ThreadId;
            while (true)
            {
                (CallWorkers Owner, Action Call) work;
                lock (_gate)
                {
                    while (_work is null)
                        Monitor.Wait(_gate);
                    work = _work.Value;
                    _work = null;
                }
                work.Call();
                work.Owner.Return(this);
            }
        }
    }
}
