using System.CommandLine;
using System.Globalization;
using DmSim.Harness.Metadata;
using DmSim.Harness.Reports;
using DmSim.Harness.Running;
using DmSim.Harness.Shrinking;
using DmSim.Kernel.Vm;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim cross: what one of model and kernel wrote on its devices is opened by the other, and both go on.</summary>
public sealed class CrossVerb : IVerb
{
    private readonly KernelOptions _kernel = new();
    private readonly Option<int> _images = new("--images") { Description = "how many pools, or origins with snapshots", DefaultValueFactory = _ => 200 };
    private readonly Option<int> _operations = new("--ops") { Description = "operations before the images cross, and after", DefaultValueFactory = _ => 25 };
    private readonly Option<ulong> _seed = new("--seed") { Description = "names the images: same seed, same images", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _from = new("--from") { Description = "number of the first", DefaultValueFactory = _ => 0 };
    private readonly Option<string> _kind = new("--kind")
    {
        Description = "what crosses over: " + string.Join("; ", CrossedKind.All.Select(kind => $"{kind.Name} ({kind.Summary})")),
        DefaultValueFactory = _ => CrossedKind.All[0].Name,
    };
    private readonly Option<string?> _out = new("--out") { Description = "folder for what is found", HelpName = "DIR" };

    public string Name => "cross";

    public Command Build()
    {
        var command = new Command(Name, "Lets images of thin pools or of snapshots' stores cross over: what model and kernel wrote is opened by both, which go on and are compared.");
        _images.AtLeastOne();
        _kind.AcceptOnlyFromAmong([.. CrossedKind.All.Select(kind => kind.Name)]);
        foreach (var option in (Option[])[_kind, _images, _operations, _seed, _from, _out])
            command.Options.Add(option);
        _kernel.AddTo(command);
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(token => RunAsync(parsed, token), cancel));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var cache = CacheDirectory.Default();
        var image = await _kernel.ResolveAsync(parsed, cache, cancel);
        await using var vm = Machines.Vm(image, cache);
        var kind = CrossedKind.All.Single(kind => kind.Name == parsed.GetValue(_kind));
        var crossing = new Crossing(Machines.Contest(image), vm, kind, parsed.GetValue(_seed), parsed.GetValue(_operations));
        int count = parsed.GetValue(_images), from = parsed.GetValue(_from);
        var all = new List<CrossedImage>();
        using (var line = new ProgressLine())
        {
            for (int i = 0; i < count && !cancel.IsCancellationRequested; i++)
            {
                foreach (var crossed in await crossing.CrossAsync(from + i, cancel))
                {
                    all.Add(crossed);
                    if (crossed.Result is Agreed)
                        continue;
                    var files = Findings.In(parsed.GetValue(_out), cache, image).Write(crossed.Result, FailureKey.Cut(crossed.Result));
                    line.Say($"{crossed.Name}: {SummaryReport.Describe(crossed.Result)}\n  {files.Operations}");
                    if (crossed.Result is Diverged { Divergence: var divergence })
                        line.Say(DivergenceReport.Write(divergence, files));
                }
                line.Update($"{i + 1}/{count}");
            }
        }
        Print(all);
        return (int)(all.Any(c => c.Result is Diverged or ModelFailed or BadMetadata) ? ExitCode.Diverge
            : all.Any(c => c.Result is GuestFailed) ? ExitCode.GuestCrashed
            : cancel.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Agree);
    }

    private static void Print(List<CrossedImage> all)
    {
        var agreed = all.Where(c => c.Result is Agreed).ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{agreed.Count(c => c.ByKernel)} images of the kernel's went on on the model, {agreed.Count(c => c.ByModel)} of the model's on the kernel "
            + $"({agreed.Count(c => c is { ByKernel: true, ByModel: true })} were the same bytes); {agreed.Sum(c => (long)c.Result.Figures.Steps)} steps compared"));
        var others = all.Where(c => c.Result is not Agreed).GroupBy(c => c.Result.GetType().Name);
        foreach (var kind in others)
            Console.WriteLine($"{kind.Count()} {kind.Key}: {string.Join(", ", kind.Take(20).Select(c => c.Name))}");
    }
}
