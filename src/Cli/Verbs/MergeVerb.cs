using System.CommandLine;
using DmSim.Harness.Campaigns;
using DmSim.Harness.Matrix;
using DmSim.Harness.Reports;
using DmSim.Harness.Running;
using DmSim.Kernel.Vm;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim merge: joins what the shards of a campaign have left, and ends as one run of the whole would have.</summary>
public sealed class MergeVerb : IVerb
{
    private readonly Argument<string[]> _inputs = new("file")
    {
        Description = "what --result has written, of every shard; or folders of such files (*.json)",
        HelpName = "FILE|DIR",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<bool> _partial = new("--partial") { Description = "merge what there is, though shards are missing" };
    private readonly Option<string?> _out = new("--out") { Description = "folder for what conform has found (default: findings in the cache)", HelpName = "DIR" };
    private readonly Option<string?> _store = new("--store") { Description = "also keep what matrix has found in a store", HelpName = "DIR" };
    private readonly Option<bool> _json = new("--json") { Description = "print the result for machines" };
    private readonly MatrixConclusion _conclusion = new();
    private readonly ResultOption _result = new();

    public string Name => "merge";

    public Command Build()
    {
        var command = new Command(Name, "Joins the results of the shards of a campaign of conform, matrix or fuzz.") { _inputs, _partial, _out, _store, _json };
        _conclusion.AddTo(command);
        _result.AddTo(command);
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(_ => RunAsync(parsed), cancel));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var shards = ShardSet.Of(FilesOf(parsed.GetValue(_inputs)!, _result.PathOf(parsed)).Select(ResultFile.Read));
        if (shards.Missing.Count > 0 && !parsed.GetValue(_partial))
        {
            throw new BadResultException(
                $"There is no result of shard {shards.DescribeMissing()}: run what is missing, or merge the rest with --partial.");
        }
        if (shards.Campaign.Verb != "matrix" && (_conclusion.Given(parsed.CommandResult) ?? (parsed.GetValue(_store) is null ? null : "--store")) is { } option)
            throw new BadResultException($"{option} is for results of matrix, and these are of {shards.Campaign.Verb}.");
        int status = shards.Campaign.Verb switch
        {
            "conform" => Conform(parsed, shards),
            "matrix" => await MatrixAsync(parsed, shards),
            "fuzz" => Fuzz(parsed, shards),
            _ => throw new BadResultException($"{shards.Files[0].Path} is of dmsim {shards.Campaign.Verb}, which this dmsim cannot merge."),
        };
        if (shards.Missing.Count > 0)
            await Console.Error.WriteLineAsync($"dmsim: without shard {shards.DescribeMissing()}");
        return status;
    }

    /// <summary>The files, and those of folders. What this merge itself writes is none of them.</summary>
    private static IEnumerable<string> FilesOf(string[] inputs, string? written)
    {
        foreach (string input in inputs)
        {
            if (!File.Exists(input) && !Directory.Exists(input))
                throw new BadInputException($"There is no file or folder {input}: merge takes what --result has written.");
            foreach (string path in File.Exists(input) ? [input] : Directory.GetFiles(input, "*.json").Order(StringComparer.Ordinal).ToArray())
            {
                if (written is null || Path.GetFullPath(path) != Path.GetFullPath(written))
                    yield return path;
            }
        }
    }

    /// <summary>Without some of its shards a campaign has ended early.</summary>
    private static bool IsCut(ShardSet shards) => shards.Missing.Count > 0;

    private int Conform(ParseResult parsed, ShardSet shards)
    {
        var whole = ConformResult.Join([.. shards.Parts<ConformResult>().Select(p => p.Result)]);
        whole = whole with { Cancelled = whole.Cancelled || IsCut(shards) };
        var findings = Findings.In(parsed.GetValue(_out), CacheDirectory.Default(), shards.Campaign.Settings["tag"]);
        bool json = parsed.GetValue(_json);
        foreach (var reported in whole.Noted.Select(n => n.Report).OfType<ReportedResult>())
        {
            var files = findings.Write(reported);
            if (reported.Screen is null)
                Console.Error.WriteLine($"dmsim: {reported.Says}\n       {files.Operations}");
            else if (!json)
                Console.WriteLine(reported.Screen + DivergenceReport.WriteCommands(files));
        }
        Print(parsed, whole, SummaryReport.Write(whole));
        _result.Write(parsed, shards.Campaign, Shard.Whole, whole);
        return (int)ConformStatus.Of(whole);
    }

    private async Task<int> MatrixAsync(ParseResult parsed, ShardSet shards)
    {
        var whole = MatrixResult.Join(shards.Parts<MatrixSummary>());
        whole = whole with { Cancelled = whole.Cancelled || IsCut(shards) };
        if (parsed.GetValue(_store) is { } folder)
        {
            var store = new FindingStore(folder);
            foreach (var group in whole.Findings)
                store.Keep(group);
        }
        string against = shards.Campaign.Settings["against"];
        int status = await _conclusion.ReportAsync(parsed, whole, against == MatrixVerb.NoRegressionTest ? null : against, parsed.GetValue(_json), CacheDirectory.Default());
        _result.Write(parsed, shards.Campaign, Shard.Whole, whole);
        return status;
    }

    private int Fuzz(ParseResult parsed, ShardSet shards)
    {
        var whole = FuzzResult.Join([.. shards.Parts<FuzzResult>().Select(p => p.Result)]);
        whole = whole with { Cancelled = whole.Cancelled || IsCut(shards) };
        var findings = new FuzzFindings(parsed.GetValue(_out) ?? CacheDirectory.Default().Folder("findings"), shards.Campaign.Settings["tag"]);
        foreach (var finding in whole.Findings)
        {
            string told = findings.Write(finding);
            if (!parsed.GetValue(_json))
                Console.WriteLine(told);
        }
        Print(parsed, whole, FuzzSummaryReport.Write(whole, shards.Campaign.Settings["seed"]));
        _result.Write(parsed, shards.Campaign, Shard.Whole, whole);
        return (int)FuzzSummaryReport.Status(whole);
    }

    private void Print<T>(ParseResult parsed, T whole, string report) =>
        Console.Write(parsed.GetValue(_json) ? ResultFile.Print(whole) + "\n" : report);
}
