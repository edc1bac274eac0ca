using System.Diagnostics;
using DmSim.Abi;

namespace DmSim.Harness.Running;

/// <summary>How a campaign is run.</summary>
/// <param name="Kernels">Opens the machines to test, one per worker; what they throw ends the run.</param>
/// <param name="StopAtDivergence">End the run at the first divergence (the one of the lowest case number), or gather all.</param>
public sealed record ConformanceOptions(
    IReadOnlyList<Func<CancellationToken, ValueTask<IBatchMachine>>> Kernels, bool StopAtDivergence = true)
{
    /// <summary>So many failures in a row to come up at all are no accident of one case.</summary>
    public int MaxBootFailuresInARow { get; init; } = 3;

    /// <summary>Whether kernels may tidy up between cases instead of going back to their saved state.</summary>
    public ResetKind Reset { get; init; } = ResetKind.TidiedIfPossible;
}

/// <summary>What a campaign tells while it runs; called from worker threads, one call at a time.</summary>
public interface IConformanceProgress
{
    void KernelReady(string description);
    void CaseDone(CaseResult result, ConformanceFigures soFar);
}

/// <summary>The kernel could not be brought up: nothing can be said about conformance.</summary>
public sealed class KernelUnavailableException(GuestFailure failure)
    : Exception($"the kernel does not come up: {failure.Summary}")
{
    public GuestFailure Failure { get; } = failure;
}

/// <summary>
/// Runs many cases over a pool of kernels, in lock step with the model. Cases are handed out by number, and with one seed the
/// run says the same whatever the number of workers.
/// </summary>
public sealed class ConformanceRunner(Contest contest, ConformanceOptions options)
{
    private readonly Lock _lock = new();
    private readonly Stopwatch _watch = new();
    private ConformanceTally _tally = new();
    private int _nextCase;
    private int _stopBefore;

    public async Task<ConformanceSummary> RunAsync(ICaseSource cases, IConformanceProgress? progress, CancellationToken cancel = default)
    {
        _watch.Restart();
        _tally = new ConformanceTally();
        _nextCase = 0;
        _stopBefore = cases.Count;
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var workers = options.Kernels.Select(open => Task.Run(async () =>
        {
            try
            {
                await WorkAsync(open, cases, progress, failed.Token);
            }
            catch
            {
                await failed.CancelAsync();
                throw;
            }
        }, CancellationToken.None)).ToArray();
        try
        {
            await Task.WhenAll(workers);
        }
        catch (OperationCanceledException) when (workers.All(w => !w.IsFaulted))
        {
            // Asked to stop: what was done until now is the answer.
        }
        lock (_lock)
            return _tally.Summary(contest, _watch.Elapsed, cancel.IsCancellationRequested, _stopBefore);
    }

    private async Task WorkAsync(
        Func<CancellationToken, ValueTask<IBatchMachine>> open, ICaseSource cases, IConformanceProgress? progress, CancellationToken cancel)
    {
        await using var kernel = await open(cancel);
        lock (_lock)
        {
            _tally.KernelDescription ??= kernel.Description;
            progress?.KernelReady(kernel.Description);
        }
        var runner = new CaseRunner(contest, kernel, options.Reset);
        int bootFailures = 0;
        while (NextCase() is { } index)
        {
            cancel.ThrowIfCancellationRequested();
            var result = await runner.RunAsync(cases.NameOf(index), cases.Open(index), cancel);
            bootFailures = result is GuestFailed { Failure.Kind: GuestFailureKind.Boot } ? bootFailures + 1 : 0;
            if (bootFailures >= options.MaxBootFailuresInARow)
                throw new KernelUnavailableException(((GuestFailed)result).Failure);
            Done(index, cases.NameOf(index), result, progress);
        }
    }

    private int? NextCase()
    {
        lock (_lock)
            return _nextCase < _stopBefore ? _nextCase++ : null;
    }

    private void Done(int index, string name, CaseResult result, IConformanceProgress? progress)
    {
        lock (_lock)
        {
            _tally.Add(index, name, result, _watch.Elapsed);
            // Cases of lower numbers go on to their end, so that the divergence reported is the same one however many workers there are.
            if (result is Diverged or ModelFailed or BadMetadata && options.StopAtDivergence)
                _stopBefore = Math.Min(_stopBefore, index);
            progress?.CaseDone(result, _tally.Figures(_watch.Elapsed));
        }
    }
}
