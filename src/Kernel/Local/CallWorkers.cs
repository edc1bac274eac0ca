using DmSim.Kernel.Interop;

namespace DmSim.Kernel.Local;

/// <summary>
/// Threads for calls that may sleep in the kernel, one per call under way; idle ones are used again. Not the thread pool: it starts
/// threads slowly and late once its own are stuck, and stuck they will be.
/// </summary>
internal sealed class CallWorkers : IDisposable
{
    [ThreadStatic]
    private static bool t_isWorker;

    private readonly Stack<Worker> _idle = new();
    private readonly List<Worker> _all = [];
    private bool _disposed;

    /// <summary>
    /// Runs a call on a thread of its own, or right here when this is one already: what follows a call that blocked (the next
    /// piece of a digest) needs no second change of threads. Continuations run on that thread.
    /// </summary>
    public ValueTask<T> RunAsync<T>(Func<T> call)
    {
        if (t_isWorker)
            return new(call());
        var done = new TaskCompletionSource<T>();
        Take().Start(() => done.SetResult(call()));
        return new(done.Task);
    }

    private Worker Take()
    {
        lock (_idle)
        {
            if (_idle.TryPop(out var worker))
                return worker;
            worker = new Worker(this);
            _all.Add(worker);
            return worker;
        }
    }

    /// <summary>Ends the calls under way that a signal can end, with EINTR: waits for events, not I/O.</summary>
    public void Interrupt()
    {
        lock (_idle)
        {
            foreach (var worker in _all.Except(_idle))
                Libc.Interrupt(worker.ThreadId);
        }
    }

    /// <summary>False when the thread is to end.</summary>
    private bool Return(Worker worker)
    {
        lock (_idle)
        {
            if (!_disposed)
                _idle.Push(worker);
            return !_disposed;
        }
    }

    public void Dispose()
    {
        lock (_idle)
        {
            _disposed = true;
            foreach (var worker in _idle)
                worker.Start(null);
        }
    }

    private sealed class Worker
    {
        private const int StackBytes = 256 << 10;

        private readonly CallWorkers _owner;
        private readonly object _gate = new();
        private Action? _work;
        private bool _ready;
        private volatile int _threadId;

        /// <summary>Known from the first call on.</summary>
        public int ThreadId => _threadId;

        public Worker(CallWorkers owner)
        {
            _owner = owner;
            new Thread(Loop, StackBytes) { IsBackground = true, Name = LocalMachine.ThreadName }.Start();
        }

        public void Start(Action? work)
        {
            lock (_gate)
            {
                _work = work;
                _ready = true;
                Monitor.Pulse(_gate);
            }
        }

        private void Loop()
        {
            t_isWorker = true;
            _threadId = Libc.ThreadId;
            do
            {
                Action? work;
                lock (_gate)
                {
                    while (!_ready)
                        Monitor.Wait(_gate);
                    _ready = false;
                    work = _work;
                }
                if (work is null)
                    return;
                work();
            }
            while (_owner.Return(this));
        }
    }
}
