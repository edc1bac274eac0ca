using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace DmSim.Model.Machine;

/// <summary>
/// What the kernel does "later, in a worker or a woken process". Whoever calls into the simulated kernel from outside ends with
/// <see cref="Drain"/>, and so does every timer; nothing runs in the middle of somebody else's work unless that yields.
/// </summary>
public sealed class WorkQueue
{
    private readonly Queue<Action> _urgent = new();
    private Queue<Work> _queue = new();
    private Queue<Work> _unbound = new();
    private readonly Action _runUnbound;
    private bool _unboundWoken;
    private int _ioQueued;
    private readonly LinkedList<(long Rank, TaskCompletionSource Turn)> _settling = [];
    private ExceptionDispatchInfo? _failure;
    private bool _draining;
    private int _awake;
    private bool _takesTurns;

    public WorkQueue() => _runUnbound = RunUnbound;

    /// <summary>Whether somebody is at work now.</summary>
    internal bool IsDraining => _draining;

    /// <param name="Run">What is to be done.</param>
    /// <param name="IsIo">Whether it is the work of a thread that moves I/O along, which nobody who sleeps for I/O holds up.</param>
    private readonly record struct Work(Action Run, bool IsIo);

    public void Enqueue(Action work) => _queue.Enqueue(new Work(work, IsIo: false));

    /// <summary>As <see cref="Enqueue"/>, for the threads of drivers and copiers: see <see cref="RunIo"/>.</summary>
    internal void EnqueueIo(Action work)
    {
        _ioQueued++;
        _queue.Enqueue(new Work(work, IsIo: true));
    }

    /// <summary>
    /// queue_work, for a queue with WQ_UNBOUND: it wakes a worker. Who is at work already goes on with this himself, before any other thread
    /// that was woken meanwhile; only while he sleeps does the woken one take it (insert_work, worker_thread, kernel/workqueue.c, 6.1).
    /// </summary>
    /// <param name="work">What is to be done.</param>
    /// <param name="isIo">As <see cref="EnqueueIo"/>.</param>
    internal void EnqueueUnbound(Action work, bool isIo)
    {
        _unbound.Enqueue(new Work(work, isIo));
        if (_unboundWoken)
            return;
        _unboundWoken = true;
        EnqueueIo(_runUnbound);
    }

    private void RunUnbound()
    {
        _unboundWoken = false;
        while (true)
        {
            if (_urgent.TryDequeue(out var urgent))
                urgent();
            else if (_unbound.TryDequeue(out var next))
                next.Run();
            else
                return;
        }
    }

    /// <summary>The part of a worker's turn that is for <see cref="RunIo"/>. False when something is left for later.</summary>
    private bool RunUnboundIo()
    {
        var others = new Queue<Work>();
        while (_unbound.TryDequeue(out var next))
        {
            if (next.IsIo)
                next.Run();
            else
                others.Enqueue(next);
        }
        _unbound = others;
        return others.Count == 0;
    }

    /// <summary>As <see cref="Enqueue"/>, but for a thread of higher priority: it goes on before all that is not of that priority too.</summary>
    internal void EnqueueUrgent(Action work) => _urgent.Enqueue(work);

    private bool IsEmpty => _queue.Count == 0 && _urgent.Count == 0;

    private bool TryDequeue([MaybeNullWhen(false)] out Action work)
    {
        if (_urgent.TryDequeue(out work))
            return true;
        if (!_queue.TryDequeue(out var next))
            return false;
        if (next.IsIo)
            _ioQueued--;
        work = next.Run;
        return true;
    }

    /// <summary>
    /// Whoever is at work sleeps for I/O: drivers and copiers do all that they have, and what comes of it. Others that are queued go on
    /// later, as if they met a lock that the sleeper has.
    /// </summary>
    internal void RunIo()
    {
        if (_ioQueued == 0)
            return;
        var others = new Queue<Work>();
        while (_queue.TryDequeue(out var next))
        {
            bool isTurn = next.Run == _runUnbound;
            if (isTurn ? !RunUnboundIo() : !next.IsIo)
            {
                others.Enqueue(next);
                continue;
            }
            _ioQueued--;
            if (isTurn)
                _unboundWoken = false;
            else
                next.Run();
        }
        _queue = others;
    }

    /// <summary>
    /// Starts work that may sleep, when its turn comes. Nobody need wait for it: what it throws comes out of <see cref="Drain"/>.
    /// </summary>
    /// <param name="work">What is to be done.</param>
    /// <param name="isIo">As <see cref="EnqueueIo"/>.</param>
    public Task Start(Func<Task> work, bool isIo = false)
    {
        var turn = new TaskCompletionSource();
        if (isIo)
            EnqueueIo(turn.SetResult);
        else
            Enqueue(turn.SetResult);
        return Run();

        async Task Run()
        {
            await turn.Task;
            try
            {
                await work();
            }
            catch (Exception e)
            {
                _failure ??= ExceptionDispatchInfo.Capture(e);
            }
        }
    }

    /// <summary>cond_resched: lets what is queued now go first.</summary>
    public ValueTask Yield()
    {
        if (IsEmpty)
            return ValueTask.CompletedTask;
        var turn = new TaskCompletionSource();
        Enqueue(turn.SetResult);
        return new ValueTask(turn.Task);
    }

    /// <summary>
    /// Sleeps until all that is queued, and what that queues in turn, is done: a thread of the lowest rank ends, which then has its turn.
    /// </summary>
    /// <param name="rank">Of several such threads the one of the lowest rank goes first, and of two of one rank the later.</param>
    public ValueTask Settle(long rank = 0)
    {
        var node = _settling.Last;
        if (IsEmpty && (node is null || node.Value.Rank >= rank))
            return ValueTask.CompletedTask;
        while (node is not null && node.Value.Rank < rank)
            node = node.Previous;
        var turn = (rank, new TaskCompletionSource());
        if (node is null)
            _settling.AddFirst(turn);
        else
            _settling.AddAfter(node, turn);
        return new ValueTask(turn.Item2.Task);
    }

    /// <summary>Lets those that <see cref="Settle"/> go on first, if there are any.</summary>
    public ValueTask StandBack()
    {
        if (_settling.Count == 0)
            return ValueTask.CompletedTask;
        var turn = new TaskCompletionSource();
        _settling.AddFirst((long.MaxValue, turn));
        return new ValueTask(turn.Task);
    }

    /// <summary>Runs the oldest piece of work that is queued. False when there is none.</summary>
    internal bool RunOne()
    {
        if (!TryDequeue(out var work))
            return false;
        work();
        return true;
    }

    /// <summary>Whether somebody calls who stays awake sometimes.</summary>
    internal bool TakesTurns => _takesTurns;

    /// <summary>The caller's thread goes on without sleeping until it disposes this.</summary>
    public IDisposable StayAwake()
    {
        _takesTurns = true;
        _awake++;
        return new Awake(this);
    }

    private sealed class Awake(WorkQueue queue) : IDisposable
    {
        private bool _over;

        public void Dispose()
        {
            if (_over)
                return;
            _over = true;
            queue._awake--;
            queue.Drain();
        }
    }

    /// <summary>A call ends. Its thread sleeps then, and what was woken runs, unless it has said that it stays awake.</summary>
    public void Drain()
    {
        if (_awake == 0)
            RunAll();
    }

    /// <summary>
    /// A call ends in which its thread has not slept. Who waits for it is woken now: what was woken before goes first, but not what that
    /// wakes in turn. Only for one who stays awake sometimes, and so comes back for the rest.
    /// </summary>
    public void EndTurn()
    {
        if (!_takesTurns)
        {
            Drain();
        }
        else if (_awake == 0 && !_draining && !IsEmpty)
        {
            bool itsTurn = false;
            Enqueue(() => itsTurn = true);
            Run(() => itsTurn);
        }
    }

    /// <summary>
    /// The caller sleeps until somebody who is queued has woken him: then it is his turn. One who comes back for the rest goes on at once; for
    /// others all is done first, as in <see cref="RunAll"/>.
    /// </summary>
    internal void SleepUntil(Func<bool> woken)
    {
        if (!_takesTurns)
            RunAll();
        else if (!IsEmpty || _settling.Count != 0)
            Run(woken);
    }

    /// <summary>Runs what is queued, oldest first, and what that queues in turn: the caller sleeps. A nested call does nothing.</summary>
    public void RunAll()
    {
        if (!IsEmpty || _settling.Count != 0)
            Run(static () => false);
    }

    private void Run(Func<bool> until)
    {
        if (_draining)
            return;
        _draining = true;
        try
        {
            while (!until())
            {
                if (TryDequeue(out var work))
                    work();
                else if (_settling.Last is not { } last)
                    break;
                else
                {
                    _settling.RemoveLast();
                    last.Value.Turn.SetResult();
                }
            }
        }
        finally
        {
            _draining = false;
        }
        _failure?.Throw();
    }
}
