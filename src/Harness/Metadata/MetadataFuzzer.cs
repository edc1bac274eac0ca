using System.Collections.Concurrent;
using System.Diagnostics;
using DmSim.Abi;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Running;

namespace DmSim.Harness.Metadata;

/// <summary>Damaged metadata that the model could not bear.</summary>
/// <param name="What">What it did, in one or a few lines.</param>
public sealed record MetadataFinding(DamagedCase Case, string What);

/// <param name="Cases">How many were tried.</param>
/// <param name="Refused">Those that could not even be opened.</param>
/// <param name="KernelBugs">Those in which a real kernel would have stopped with an oops, as the model's log says.</param>
/// <param name="Finding">The first that went wrong, in order; null when none did.</param>
public sealed record MetadataFuzzSummary(int Cases, int Refused, int KernelBugs, MetadataFinding? Finding, TimeSpan Elapsed);

/// <summary>
/// Has the model open damaged metadata and work with them. It must not throw or hang, and must not damage what was sound.
/// </summary>
public sealed class MetadataFuzzer(Func<IMachine> freshModel, ulong seed, DamagedKind kind)
{
    /// <summary>A case that takes longer than this counts as hung.</summary>
    public TimeSpan HangLimit { get; init; } = TimeSpan.FromSeconds(60);

    public Action<int>? Progress { get; init; }

    /// <summary>Whether a real kernel would have stopped at what the model's log says (KernelMetadataLog).</summary>
    public static bool StopsKernel(IEnumerable<LogLine> log) => log.Any(line => line.Text.Contains("kernel BUG in", StringComparison.Ordinal));

    public MetadataFuzzSummary Run(int count, int threads, CancellationToken cancel = default)
    {
        var watch = Stopwatch.StartNew();
        var cases = kind.Cases(freshModel, seed);
        var findings = new ConcurrentDictionary<int, MetadataFinding>();
        var at = new (int Index, long Since)[threads];
        int next = -1, done = 0, refused = 0, bugs = 0;
        var workers = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            int me = i;
            // A hung one keeps its thread; being in the background it does not keep the process.
            workers[i] = new Thread(() =>
            {
                for (int index; (index = Interlocked.Increment(ref next)) < count && findings.IsEmpty && !cancel.IsCancellationRequested;)
                {
                    at[me] = (index, watch.ElapsedMilliseconds);
                    Try(index);
                }
                at[me] = (-1, 0);
            }) { IsBackground = true };
            workers[i].Start();
        }
        while (!Array.TrueForAll(workers, w => w.Join(200)) && !AnyHangs())
            Progress?.Invoke(Volatile.Read(ref done));
        var first = findings.OrderBy(f => f.Key).Select(f => f.Value).FirstOrDefault();
        return new MetadataFuzzSummary(done, refused, bugs, first, watch.Elapsed);

        void Try(int index)
        {
            var damaged = cases(index);
            var (what, opened, stops) = Check(damaged);
            if (what is not null)
                findings[index] = new MetadataFinding(damaged, what);
            Interlocked.Add(ref refused, opened ? 0 : 1);
            Interlocked.Add(ref bugs, stops ? 1 : 0);
            Interlocked.Increment(ref done);
        }

        bool AnyHangs()
        {
            foreach (var (index, since) in at)
            {
                if (index < 0 || watch.ElapsedMilliseconds - since < HangLimit.TotalMilliseconds || findings.ContainsKey(index))
                    continue;
                findings[index] = new MetadataFinding(cases(index), $"no end after {HangLimit.TotalSeconds:F0} s");
                return true;
            }
            return false;
        }
    }

    /// <summary>Runs one on the model.</summary>
    public (string? Problem, bool Opened, bool StopsKernel) Check(DamagedCase damaged)
    {
        var machine = freshModel();
        var log = new WatchedLog();
        var run = LeftImages.Completed(ReferenceRun.RunAsync(new WatchedMachine(machine, log), new FixedSource(damaged.Sequence), LookPolicy.Never));
        if (run.Failure is { } failure)
            return ($"threw at {failure.Operation?.ToString() ?? "the end"}: {failure.Exception}", true, log.StopsKernel);
        bool opened = run.Steps.Any(step => kind.IsOpened(damaged, step.Context.After));
        return (kind.FurtherDamage(damaged, machine), opened, log.StopsKernel);
    }

    private sealed class WatchedLog
    {
        public bool StopsKernel { get; set; }
    }

    /// <summary>Passes everything on, and keeps an eye on the log.</summary>
    private sealed class WatchedMachine(IMachine inner, WatchedLog watched) : IMachine, IKernelLog
    {
        public ValueTask<Errno> ControlAsync(uint request, Memory<byte> buffer) => inner.ControlAsync(request, buffer);
        public bool PollControl() => inner.PollControl();
        public Errno Open(DeviceNumber device, OpenMode mode, out IOpenDevice? handle) => inner.Open(device, mode, out handle);
        public ILoopDevices Loops => inner.Loops;
        public IMachineClock Clock => inner.Clock;
        public IKernelLog Log => this;
        public IUevents Uevents => inner.Uevents;
        public ValueTask DisposeAsync() => inner.DisposeAsync();

        public IReadOnlyList<LogLine> TakeNew()
        {
            var lines = inner.Log.TakeNew();
            watched.StopsKernel |= MetadataFuzzer.StopsKernel(lines);
            return lines;
        }
    }
}
