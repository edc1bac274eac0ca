using System.CommandLine;
using System.Globalization;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Campaigns;
using DmSim.Harness.Matrix;
using DmSim.Harness.Operations;
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

    /// <summary>In a result: no kernel that all others are held to.</summary>
    internal const string NoRegressionTest = "none";

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

    private readonly MatrixConclusion _conclusion = new();
    private readonly ResultOption _result = new();
    private readonly Option<string?> _store = new("--store") { Description = "folder of sequences that showed something; they are run first (default: in the cache)", HelpName = "DIR" };
    private readonly Option<bool> _noStore = new("--no-store") { Description = "neither run nor keep such sequences" };
    private readonly Option<bool> _noShrink = new("--no-shrink") { Description = "report what differs as it was found" };
    private readonly Option<bool> _json = new("--json") { Description = "print the result for machines" };

    public string Name => "matrix";

    public Command Build()
    {
        var command = new Command(Name, "Runs the same sequences on several kernels and on the model of each, and says what changed from one to the next.");
        _kernels.AddTo(command);
        _cases.AddTo(command);
        _conclusion.AddTo(command);
        _result.AddTo(command);
        foreach (var option in (Option[])[_traces, _sequences, _jobs, _against, _store, _noStore, _noShrink, _json])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_against) is null && _conclusion.HasBaseline(result))
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
        var stored = parsed.GetValue(_noStore) ? [] : store.All(bad => Console.Error.WriteLine($"dmsim: passed over: {bad}"));
        var (cases, rest) = await PlanAsync(parsed, stored, cancel);
        var kernels = await _kernels.ResolveAsync(parsed, against, cache, cancel);
        MatrixSummary summary;
        await using (var machines = new MatrixMachines(kernels, cache))
        using (var progress = new MatrixProgress())
        {
            // The model that has seen most kernels draws the cases up; which one it is changes what is asked, not who is right.
            var runner = new MatrixRunner(Machines.FreshModel, machines.Columns, parsed.GetValue(_jobs));
            var comparer = new Comparer(AllowedOutcomeRules.All);
            var judge = new MatrixJudge(comparer, new MatrixPairs(against));
            var shrinker = parsed.GetValue(_noShrink) ? null
                : new FindingShrinker(runner, judge, comparer, stored.Select(finding => finding.Signature).ToHashSet());
            summary = await new MatrixCampaign(runner, judge, shrinker).RunAsync(cases, progress, cancel);
        }
        if (!parsed.GetValue(_noStore))
        {
            foreach (var group in summary.Findings)
                store.Keep(group);
        }
        int status = await _conclusion.ReportAsync(parsed, summary, against, parsed.GetValue(_json), cache);
        _result.Write(parsed, CampaignOf(parsed, against, kernels, rest), _cases.ShardOf(parsed), summary);
        return status;
    }

    /// <summary>What tells this campaign from others. The store is no part of it: each machine may have its own.</summary>
    private Campaign CampaignOf(ParseResult parsed, string? against, IReadOnlyList<MatrixKernel> kernels, int listed) =>
        new(Name, new Dictionary<string, string>(_cases.SettingsOf(parsed))
        {
            ["kernels"] = string.Join(", ", kernels.Select(k => $"{k.Label} {k.Image.Release}")),
            ["against"] = against ?? NoRegressionTest,
            ["sequences"] = listed.ToString(CultureInfo.InvariantCulture),
        });

    /// <summary>What is stored, by the first shard alone; then this shard's part of everything else. With that, how many sequences are listed.</summary>
    private async Task<(ICaseSource Cases, int Listed)> PlanAsync(
        ParseResult parsed, IReadOnlyList<StoredFinding> kept, CancellationToken cancel)
    {
        var shard = _cases.ShardOf(parsed);
        var stored = new List<(string, OperationSequence)>();
        if (shard.Index == 1)
            stored.AddRange(kept.Select(finding => (MatrixResult.StoredMark + finding.Signature, finding.Sequence)));
        var first = new List<(string, OperationSequence)>();
        if (parsed.GetValue(_sequences) is { } given)
            first.AddRange(SequenceFiles.ReadAll(given));
        int ofEach = parsed.GetValue(_traces);
        foreach (string file in ofEach > 0 ? TraceFile.Find(CheckVerb.OwnTraces) : [])
            first.AddRange(TraceFile.Read(file).Cases.Take(ofEach).Select(c => ($"trace {Path.GetFileName(file)}: {c.Name}", c.Sequence)));
        var rest = new JoinedCases(new FixedCases(first), await _cases.PlanWholeAsync(parsed, cancel));
        return (new JoinedCases(new FixedCases(stored), shard.Of(rest)), first.Count);
    }

    /// <summary>One supply of cases after the other.</summary>
    private sealed class JoinedCases(ICaseSource first, ICaseSource then) : ICaseSource
    {
        public int Count => first.Count + then.Count;
        public IOperationSource Open(int index) => index < first.Count ? first.Open(index) : then.Open(index - first.Count);
        public string NameOf(int index) => index < first.Count ? first.NameOf(index) : then.NameOf(index - first.Count);
    }
}
