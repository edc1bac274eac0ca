using System.CommandLine;
using System.Text;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Matrix;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;
using DmSim.Harness.Traces;
using DmSim.Kernel.Vm;
using DmSim.Model.Profiles;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim matrix: the same sequences on several kernels and on the model of each; what one shows that another does not.</summary>
public sealed class MatrixVerb : IVerb
{
    private const int UsualCases = 20;

    private readonly MatrixKernels _kernels = new();
    private readonly CaseOptions _cases = new(UsualCases);
    private readonly Option<int> _traces = new("--traces") { Description = "so many cases of each recorded trace as well", HelpName = "N" };
    private readonly Option<string?> _sequences = new("--sequences") { Description = "also run a sequence, or every one in a folder (.ops)", HelpName = "FILE|DIR" };
    private readonly Option<int> _jobs = new("--jobs") { Description = "virtual machines at a time", DefaultValueFactory = _ => Environment.ProcessorCount };
    private readonly Option<string?> _against = new("--against")
    {
        Description = "a regression test: every kernel against this one; the exit status is 1 when a difference is found that is not in the baseline",
        HelpName = "TAG",
    };

    private readonly Option<string?> _baseline = new("--baseline") { Description = "the file of differences that are no news (default: in the cache)", HelpName = "FILE" };
    private readonly Option<bool> _accept = new("--accept") { Description = "take what is found into the baseline" };
    private readonly Option<string?> _store = new("--store") { Description = "folder of sequences that showed something; they are run first (default: in the cache)", HelpName = "DIR" };
    private readonly Option<bool> _noStore = new("--no-store") { Description = "neither run nor keep such sequences" };
    private readonly Option<string?> _html = new("--html") { Description = "also write a page", HelpName = "FILE" };
    private readonly Option<string?> _junit = new("--junit") { Description = "also write JUnit XML", HelpName = "FILE" };
    private readonly Option<bool> _json = new("--json") { Description = "print the result for machines" };

    public string Name => "matrix";

    public Command Build()
    {
        var command = new Command(Name, "Runs the same sequences on several kernels and on the model of each, and says what changed from one to the next.");
        _kernels.AddTo(command);
        _cases.AddTo(command);
        foreach (var option in (Option[])[_traces, _sequences, _jobs, _against, _baseline, _accept, _store, _noStore, _html, _junit, _json])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_against) is null && (result.GetResult(_baseline) is not null || result.GetResult(_accept) is { Implicit: false }))
                result.AddError("--baseline and --accept belong to --against TAG.");
        });
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(token => RunAsync(parsed, token), cancel));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var cache = CacheDirectory.Default();
        string? against = parsed.GetValue(_against);
        var store = new FindingStore(parsed.GetValue(_store) ?? cache.Folder("matrix"));
        var cases = await PlanAsync(parsed, store, cancel);
        var kernels = await _kernels.ResolveAsync(parsed, against, cache, cancel);
        MatrixSummary summary;
        await using (var machines = new MatrixMachines(kernels, cache))
        using (var progress = new MatrixProgress())
        {
            // The model that has seen most kernels draws the cases up; which one it is changes what is asked, not who is right.
            var runner = new MatrixRunner(Machines.FreshModel, machines.Columns, parsed.GetValue(_jobs));
            var judge = new MatrixJudge(new Comparer(AllowedOutcomeRules.All), new MatrixPairs(against));
            summary = await new MatrixCampaign(runner, judge).RunAsync(cases, progress, cancel);
        }
        if (!parsed.GetValue(_noStore))
        {
            foreach (var group in summary.Findings)
                store.Keep(group);
        }
        return await ReportAsync(parsed, summary, against, kernels, cache);
    }

    private async Task<ICaseSource> PlanAsync(ParseResult parsed, FindingStore store, CancellationToken cancel)
    {
        var first = new List<(string, Harness.Operations.OperationSequence)>();
        if (!parsed.GetValue(_noStore))
            first.AddRange(store.All(bad => Console.Error.WriteLine($"dmsim: passed over: {bad}")).Select(s => ($"stored: {s.Signature}", s.Sequence)));
        foreach (string file in parsed.GetValue(_sequences) is { } given ? SequencesIn(given) : [])
            first.Add((Path.GetFileName(file), Read(file)));
        int ofEach = parsed.GetValue(_traces);
        foreach (string file in ofEach > 0 ? TraceFile.Find(CheckVerb.OwnTraces) : [])
            first.AddRange(TraceFile.Read(file).Cases.Take(ofEach).Select(c => ($"trace {Path.GetFileName(file)}: {c.Name}", c.Sequence)));
        // Every shard does what is stored: it is little, and says at once what is new.
        return new JoinedCases(new FixedCases(first), await _cases.PlanAsync(parsed, cancel));
    }

    private static IReadOnlyList<string> SequencesIn(string path) => File.Exists(path) ? [path]
        : !Directory.Exists(path) ? throw new BadInputException($"There is no file or folder {path}: --sequences takes what conform or matrix wrote (.ops).")
        : Directory.GetFiles(path, "*.ops").Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } files ? files
        : throw new BadInputException($"There is no sequence (*.ops) in {path}.");

    private static Harness.Operations.OperationSequence Read(string file) =>
        Harness.Operations.OperationSequence.TryParse(File.ReadAllText(file, Encoding.Latin1), out var sequence, out string error) ? sequence!
            : throw new BadInputException($"{file} is no sequence of operations: {error}.");

    private async Task<int> ReportAsync(
        ParseResult parsed, MatrixSummary summary, string? against, IReadOnlyList<MatrixKernel> kernels, CacheDirectory cache)
    {
        string baseline = parsed.GetValue(_baseline)
            ?? Path.Combine(cache.Folder("baselines"), $"{string.Join('-', kernels.Select(k => k.Label))}-against-{against}.txt");
        var verdict = new MatrixVerdict(summary, against is null ? null : Baseline.Read(baseline) ?? []);
        if (parsed.GetValue(_html) is { } page)
            await File.WriteAllTextAsync(page, MatrixHtml.Write(summary, verdict), Encoding.UTF8, CancellationToken.None);
        if (parsed.GetValue(_junit) is { } junit)
            await File.WriteAllTextAsync(junit, MatrixJUnit.Write(summary, verdict), Encoding.UTF8, CancellationToken.None);
        Console.Write(parsed.GetValue(_json) ? MatrixJson.Write(summary, verdict) + "\n" : MatrixReport.Write(summary, verdict));
        if (parsed.GetValue(_accept))
        {
            Baseline.Accept(baseline, summary);
            await Console.Error.WriteLineAsync($"dmsim: {verdict.New.Count} differences taken into {baseline}");
            return (int)ExitCode.Agree;
        }
        if (verdict.New.Count > 0)
            await Console.Error.WriteLineAsync($"dmsim: if they are right, --accept takes them into {baseline}");
        return (int)(!verdict.IsGood ? verdict.IsGuestFailure ? ExitCode.GuestCrashed : ExitCode.Diverge
            : summary.Cancelled ? ExitCode.Interrupted : ExitCode.Agree);
    }

    /// <summary>One supply of cases after the other.</summary>
    private sealed class JoinedCases(ICaseSource first, ICaseSource then) : ICaseSource
    {
        public int Count => first.Count + then.Count;
        public IOperationSource Open(int index) => index < first.Count ? first.Open(index) : then.Open(index - first.Count);
        public string NameOf(int index) => index < first.Count ? first.NameOf(index) : then.NameOf(index - first.Count);
    }
}
