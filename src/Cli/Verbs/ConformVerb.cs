using System.CommandLine;
using DmSim.Harness.Campaigns;
using DmSim.Harness.Generators;
using DmSim.Harness.Operations;
using DmSim.Harness.Reports;
using DmSim.Harness.Running;
using DmSim.Harness.Shrinking;
using DmSim.Kernel.Vm;
using DmSim.Model.Profiles;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim conform: random or enumerated cases on model and kernel in lock step; the first difference is shrunk.</summary>
public sealed class ConformVerb : IVerb
{
    private const int UsualCases = 100;
    private const int MostJobs = 64;

    private readonly KernelOptions _kernel = new();
    private readonly CaseOptions _cases = new(UsualCases);
    private readonly Option<int> _jobs = new("--jobs") { Description = "virtual machines at a time", DefaultValueFactory = _ => Environment.ProcessorCount };
    private readonly Option<bool> _all = new("--all") { Description = "go on after a divergence and gather all" };
    private readonly Option<bool> _noShrink = new("--no-shrink") { Description = "report a divergence as it was found" };
    private readonly Option<bool> _saved = new("--saved-state")
    {
        Description = "begin every case in the guest's saved state; otherwise a guest that can put everything back itself goes on, "
            + "and what then differs is run again from the saved state",
    };

    private readonly Option<string?> _out = new("--out") { Description = "folder for what is found (default: findings in the cache)", HelpName = "DIR" };
    private readonly PlantOption _plant = new();
    private readonly ResultOption _result = new();
    private readonly Option<bool> _json = new("--json") { Description = "print the result for machines" };

    public string Name => "conform";

    public Command Build()
    {
        var command = new Command(Name, "Runs the same operations on the model and on a real kernel and compares everything a user could see.");
        _kernel.AddTo(command);
        _cases.AddTo(command);
        _plant.AddTo(command);
        _result.AddTo(command);
        foreach (var option in (Option[])[_jobs, _all, _noShrink, _saved, _out, _json])
            command.Options.Add(option);
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(token => RunAsync(parsed, token), cancel));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var cache = CacheDirectory.Default();
        var image = await _kernel.ResolveAsync(parsed, cache, cancel);
        var profile = KernelProfile.ForRelease(image.Release);
        var cases = SafeCases.For(profile, await _cases.PlanAsync(parsed, cancel));
        var contest = _plant.Contest(parsed, profile);
        int jobs = Math.Clamp(parsed.GetValue(_jobs), 1, Math.Min(MostJobs, Math.Max(1, cases.Count)));
        ConformanceSummary summary;
        using (var progress = new ConformProgress(cases.Count))
        {
            var kernels = Enumerable.Repeat<Func<CancellationToken, ValueTask<Abi.IBatchMachine>>>(
                _ => new(Machines.Vm(image, cache)), jobs);
            var runner = new ConformanceRunner(contest, new ConformanceOptions([.. kernels], !parsed.GetValue(_all))
            {
                Reset = parsed.GetValue(_saved) ? Abi.ResetKind.Saved : Abi.ResetKind.TidiedIfPossible,
            });
            summary = await runner.RunAsync(cases, progress, cancel);
        }
        var reports = new List<(Divergence Divergence, DivergenceFiles Files)>();
        var reported = new Dictionary<int, ReportedResult>();
        foreach (var noted in Distinct(summary))
        {
            var (result, sequence) = await FindAsync(parsed, noted.Result, contest, image, cache, cancel);
            var files = Findings.In(parsed.GetValue(_out), cache, image).Write(reported[noted.Index] = ReportedResult.Of(result, sequence));
            if (result is Diverged diverged)
                reports.Add((diverged.Divergence, files));
            else
                await Console.Error.WriteLineAsync($"dmsim: {SummaryReport.Describe(result)}\n       {files.Operations}");
        }
        Print(parsed, summary, reports);
        var campaign = new Campaign(Name, new Dictionary<string, string>(_cases.SettingsOf(parsed))
        {
            ["kernel"] = image.Release,
            ["tag"] = image.Tag,
            ["model"] = contest.ModelDescription,
            ["all"] = parsed.GetValue(_all) ? "yes" : "no",
        });
        var whole = ConformResult.Of(summary, _cases.ShardOf(parsed), !parsed.GetValue(_all), reported);
        _result.Write(parsed, campaign, _cases.ShardOf(parsed), whole);
        return (int)ConformStatus.Of(whole);
    }

    /// <summary>What was noted, one of each kind.</summary>
    private static IEnumerable<NotedCase> Distinct(ConformanceSummary summary) =>
        summary.Noted.DistinctBy(noted => FailureKey.Of(noted.Result)?.Text ?? noted.Name);

    /// <summary>A case that did not agree, made smaller where that is wanted, and the operations that it takes.</summary>
    private async Task<(CaseResult Result, OperationSequence Sequence)> FindAsync(
        ParseResult parsed, CaseResult result, Contest contest, KernelImage image, CacheDirectory cache, CancellationToken cancel)
    {
        var sequence = FailureKey.Cut(result);
        if (result is Diverged or ModelFailed or BadMetadata && !parsed.GetValue(_noShrink) && !cancel.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"dmsim: shrinking: {SummaryReport.Describe(result)}");
            await using var kernel = Machines.Vm(image, cache);
            var shrunk = await Shrinker.On(new CaseRunner(contest, kernel), "shrunk").ShrinkAsync(result, cancel: cancel);
            await Console.Error.WriteLineAsync(
                $"dmsim: from {sequence.Operations.Count} operations to {shrunk.Sequence.Operations.Count} in {shrunk.Executions} executions");
            (result, sequence) = (shrunk.Smallest, shrunk.Sequence);
        }
        return (result, sequence);
    }

    private void Print(ParseResult parsed, ConformanceSummary summary, List<(Divergence Divergence, DivergenceFiles Files)> reports)
    {
        if (parsed.GetValue(_json))
        {
            Console.WriteLine(JsonReport.Write(summary, reports.Select(r => r.Divergence)));
            return;
        }
        foreach (var (divergence, files) in reports)
            Console.WriteLine(DivergenceReport.Write(divergence, files));
        Console.Write(SummaryReport.Write(summary));
    }
}
