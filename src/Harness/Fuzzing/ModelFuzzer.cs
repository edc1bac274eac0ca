using System.Diagnostics;
using DmSim.Abi;

namespace DmSim.Harness.Fuzzing;

/// <summary>What a run found, and how fast it was.</summary>
/// <param name="Buffers">How many were sent.</param>
/// <param name="Succeeded">How many of them the machine did not refuse.</param>
/// <param name="Digest">Of all answers; the same for the same seed and count, however many threads there were.</param>
/// <param name="Finding">The first buffer, in order of cases, that went wrong; null when none did.</param>
public sealed record FuzzSummary(long Buffers, long Succeeded, ulong Digest, FuzzFinding? Finding, TimeSpan Elapsed)
{
    public double BuffersPerSecond => Elapsed > TimeSpan.Zero ? Buffers / Elapsed.TotalSeconds : 0;
}

/// <summary>
/// Sends random and mutated ioctl buffers to machines, several at a time, and stops at the first that throws or hangs. Every case has a
/// fresh machine, and is a function of the seed and its number alone.
/// </summary>
public sealed class ModelFuzzer(Func<IMachine> freshMachine, ulong seed)
{
    /// <summary>A buffer that takes longer than this counts as hung. A thousand times what the slowest takes.</summary>
    public TimeSpan HangLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Told how many buffers are done, a few times a second.</summary>
    public Action<long>? Progress { get; init; }

    private sealed class Worker
    {
        public FuzzCase? Case;
        public long Number;
        public long Seen = -1;
        public TimeSpan SeenAt;
    }

    private readonly Lock _lock = new();
    private long _nextCase;
    private long _buffers, _succeeded;
    private ulong _digest;
    private FuzzFinding? _finding;

    /// <summary>Sends so many buffers.</summary>
    public FuzzSummary Run(long count, int threads, CancellationToken cancel = default)
    {
        var watch = Stopwatch.StartNew();
        var workers = new Worker[threads];
        var running = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            var worker = workers[i] = new Worker();
            // A hung case keeps its thread; being in the background it does not keep the process.
            running[i] = new Thread(() => Work(worker, count, cancel)) { IsBackground = true };
            running[i].Start();
        }
        var poll = TimeSpan.FromMilliseconds(200);
        while (!Array.TrueForAll(running, thread => thread.Join(poll)) && !AnyHangs(workers, watch.Elapsed))
            Progress?.Invoke(Interlocked.Read(ref _buffers) + workers.Sum(worker => worker.Case?.Index ?? 0L));
        lock (_lock)
            return new FuzzSummary(_buffers, _succeeded, _digest, _finding, watch.Elapsed);
    }

    private void Work(Worker worker, long count, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested && Volatile.Read(ref _finding) is null)
        {
            long number = Interlocked.Increment(ref _nextCase) - 1;
            long first = number * FuzzCase.Length;
            if (first >= count)
                return;
            var machine = freshMachine();
            var fuzzed = new FuzzCase(machine, seed, number);
            worker.Number = number;
            worker.Case = fuzzed;
            string? problem = fuzzed.Run((int)Math.Min(FuzzCase.Length, count - first));
            worker.Case = null;
            Add(fuzzed, number, problem);
        }
    }

    private void Add(FuzzCase fuzzed, long number, string? problem)
    {
        lock (_lock)
        {
            _buffers += fuzzed.Index;
            _succeeded += fuzzed.Succeeded;
            // A sum, so that the order in which cases end does not matter.
            _digest = unchecked(_digest + fuzzed.Digest);
            if (problem is not null)
                Found(new FuzzFinding(number, fuzzed.Index, fuzzed.Current, problem));
        }
    }

    private void Found(FuzzFinding finding)
    {
        if (_finding is null || finding.Case < _finding.Case)
            _finding = finding;
    }

    /// <summary>Whether one of them has been at the same buffer for too long, which then is the finding.</summary>
    private bool AnyHangs(Worker[] workers, TimeSpan now)
    {
        foreach (var worker in workers)
        {
            if (worker.Case is not { } fuzzed)
                continue;
            long place = worker.Number * FuzzCase.Length + fuzzed.Index;
            if (place != worker.Seen)
                (worker.Seen, worker.SeenAt) = (place, now);
            else if (now - worker.SeenAt > HangLimit)
            {
                lock (_lock)
                    Found(new FuzzFinding(worker.Number, fuzzed.Index, fuzzed.Current, $"no answer for {HangLimit.TotalSeconds:F0} s"));
                return true;
            }
        }
        return false;
    }
}
