using System.CommandLine;
using DmSim.Harness.Generators;
using DmSim.Harness.Reports;
using DmSim.Harness.Running;
using DmSim.Harness.Traces;
using DmSim.Kernel.Vm;
using DmSim.Model.Profiles;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim record: keeps what a kernel answers, for check to hold models to without a kernel.</summary>
public sealed class RecordVerb : IVerb
{
    private const int UsualCases = 50;

    private readonly KernelOptions _kernel = new();
    private readonly CaseOptions _cases = new(UsualCases);
    private readonly Option<string> _out = new("--out") { Description = "folder for the trace", HelpName = "DIR", DefaultValueFactory = _ => "." };

    private readonly Option<string?> _sequences = new("--sequences")
    {
        Description = "a sequence, or every one in a folder (.ops), instead of random cases",
        HelpName = "FILE|DIR",
    };

    public string Name => "record";

    public Command Build()
    {
        var command = new Command(Name, "Records what a kernel answers, as a trace that can be checked without a kernel.") { _out, _sequences };
        _kernel.AddTo(command);
        _cases.AddTo(command);
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(token => RunAsync(parsed, token), cancel));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var cache = CacheDirectory.Default();
        var image = await _kernel.ResolveAsync(parsed, cache, cancel);
        var cases = SafeCases.For(KernelProfile.ForRelease(image.Release), await PlanAsync(parsed, cancel));
        var contest = Machines.Contest(image);
        await using var vm = Machines.Vm(image, cache);
        var runner = new CaseRunner(contest, vm);
        var kept = new List<RecordedCase>();
        int differ = 0;
        using (var line = new ProgressLine())
        {
            for (int i = 0; i < cases.Count; i++)
            {
                var (result, recorded) = await runner.RecordAsync(cases.NameOf(i), cases.Open(i), cancel);
                if (recorded is not null)
                    kept.Add(recorded);
                else
                    line.Say($"{cases.NameOf(i)} is left out: {SummaryReport.Describe(result)}");
                differ += result is Diverged ? 1 : 0;
                line.Update($"{i + 1}/{cases.Count} cases");
            }
        }
        string path = Path.Combine(parsed.GetValue(_out)!, $"{image.Tag}-{NameOf(parsed)}{TraceFile.Extension}.gz");
        Directory.CreateDirectory(parsed.GetValue(_out)!);
        TraceFile.Write(path, new Trace(vm.Description, image.Tag, contest.Policy, kept));
        Console.WriteLine($"{path}: {kept.Count} cases of {vm.Description}; the model differs in {differ}");
        return (int)ExitCode.Agree;
    }

    private async Task<ICaseSource> PlanAsync(ParseResult parsed, CancellationToken cancel) => parsed.GetValue(_sequences) is { } given
        ? _cases.ShardOf(parsed).Of(new FixedCases(SequenceFiles.ReadAll(given))) : await _cases.PlanAsync(parsed, cancel);

    /// <summary>Of the trace: that of the file or folder with the sequences, or of the choice of cases.</summary>
    private string NameOf(ParseResult parsed) => parsed.GetValue(_sequences) is { } given
        ? Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(given)) : _cases.NameOf(parsed);
}
