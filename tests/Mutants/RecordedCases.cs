using System.Diagnostics;
using System.Runtime;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Traces;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using Trace = DmSim.Harness.Traces.Trace;

namespace DmSim.Mutants;

/// <summary>How a case went on the mutated model.</summary>
internal enum Verdict
{
    Same,
    Differs,
    Endless,
}

/// <summary>The recorded cases that every mutant is held against; a case that goes on and on, or waits for what never
/// comes, is ended.</summary>
internal sealed class RecordedCases : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2), Glance = TimeSpan.FromMilliseconds(50);

    private const int GlancesAsleepMost = 60, GlancesEndingMost = 20;

    private readonly List<(string Name, Trace Trace, RecordedCase Case)> _cases = [];
    private readonly Comparer _comparer = new(AllowedOutcomeRules.All);
    private readonly Process _process = Process.GetCurrentProcess();
    private readonly Timer _watch;
    private readonly Lock _gate = new();

    private CancellationTokenSource? _running;
    private Thread? _thread;
    private TimeSpan _endsAt;
    private int _glancesAsleep, _glancesEnding;

    /// <param name="folders">Folders with traces, or traces.</param>
    public RecordedCases(IEnumerable<string> folders)
    {
        foreach (string file in folders.SelectMany(TraceFile.Find))
        {
            var trace = TraceFile.Read(file);
            foreach (var recorded in trace.Cases)
                _cases.Add(($"{Path.GetFileName(file)} {recorded.Name}", trace, recorded));
        }
        Usual = new TimeSpan[_cases.Count];
        Array.Fill(Usual, Patience);
        _watch = new Timer(_ => EndWhatIsEndless(), null, Glance, Glance);
    }

    public int Count => _cases.Count;

    /// <summary>Processor time that each case usually takes.</summary>
    public TimeSpan[] Usual { get; }

    public string Name(int index) => _cases[index].Name;

    public Verdict Check(int index)
    {
        var (_, trace, recorded) = _cases[index];
        var profile = KernelProfile.ForRelease(trace.Profile);
        var checker = new TraceChecker(() => new ModelMachine(profile), "model", _comparer);
        bool agrees = false;
        using var running = new CancellationTokenSource();
        lock (_gate)
            (_running, _thread, _endsAt, _glancesAsleep, _glancesEnding) =
                (running, Thread.CurrentThread, Now + Patience + 10 * Usual[index], 0, 0);
        try
        {
#pragma warning disable SYSLIB0046 // A mutant may loop for ever, in a program whose only work is this case.
            ControlledExecution.Run(() => agrees = checker.Check(trace, recorded).Agrees, running.Token);
#pragma warning restore SYSLIB0046
        }
        catch (OperationCanceledException) when (running.IsCancellationRequested)
        {
            return Verdict.Endless;
        }
        finally
        {
            lock (_gate)
                _running = null;
        }
        return agrees ? Verdict.Same : Verdict.Differs;
    }

    /// <summary>Checks all cases on the model as it is, and remembers how long they take.</summary>
    public void Measure()
    {
        for (int index = 0; index < Count; index++)
        {
            Check(index);
            var began = Now;
            if (Check(index) != Verdict.Same)
                throw new InvalidOperationException($"{Name(index)} differs on the model as it is");
            Usual[index] = Now - began;
        }
    }

    public void Dispose()
    {
        _watch.Dispose();
        _process.Dispose();
    }

    /// <summary>Of the processor, not of the clock: what else the machine does says nothing about a mutant.</summary>
    private TimeSpan Now
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    private void EndWhatIsEndless()
    {
        lock (_gate)
        {
            if (_running is null)
                return;
            if (_running.IsCancellationRequested)
            {
                // What runs in a finally block is not interrupted.
                if (++_glancesEnding >= GlancesEndingMost)
                    Environment.FailFast(null);
                return;
            }
            // Only the model could wake the thread, and it is the thread that runs the model.
            bool asleep = (_thread!.ThreadState & System.Threading.ThreadState.WaitSleepJoin) != 0;
            _glancesAsleep = asleep ? _glancesAsleep + 1 : 0;
            // Nothing ends a wait but the end of the process.
            if (_glancesAsleep >= GlancesAsleepMost)
                Environment.FailFast(null);
            if (Now > _endsAt)
            {
                // Cancelling waits until the thread has ended what it does, and some never do.
                _ = _running.CancelAsync();
            }
        }
    }
}
