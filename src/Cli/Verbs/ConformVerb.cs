using System.CommandLine;
using DmSim.Harness.Generators;
using DmSim.Harness.Reports;
using DmSim.Harness.Running;
using DmSim.Kernel.Vm;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim conform: random or enumerated cases on model and kernel in lock step.</summary>
public sealed class ConformVerb : IVerb
{
    private readonly Option<int> _cases = new("--cases") { Description = "how many cases", DefaultValueFactory = _ => 100 };
    private readonly Option<int> _operations = new("--ops") { Description = "operations in a case, at most", DefaultValueFactory = _ => 40 };
    private readonly Option<ulong> _seed = new("--seed") { Description = "names the cases: same seed, same cases", DefaultValueFactory = _ => 1 };
    private readonly Option<string> _area = new("--area") { Description = "what the cases are about", DefaultValueFactory = _ => AreaRegistry.Default.Name };
    private readonly Option<int> _jobs = new("--jobs") { Description = "virtual machines at a time", DefaultValueFactory = _ => 1 };
    private readonly Option<bool> _all = new("--all") { Description = "go on after a divergence and gather all" };

    public string Name => "conform";

    public Command Build()
    {
        var command = new Command(Name, "Runs the same operations on the model and on a real kernel and compares everything a user could see.")
        {
            _cases, _operations, _seed, _area, _jobs, _all,
        };
        command.SetAction((parsed, cancel) => RunAsync(parsed, cancel));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        int count = parsed.GetValue(_cases);
        var area = AreaRegistry.Find(parsed.GetValue(_area)!)!;
        var cache = CacheDirectory.Default();
        var image = await new KernelCache(cache).FetchAsync("6.1", cancel: cancel);
        using var progress = new ConformProgress(count);
        var runner = new ConformanceRunner(Machines.Contest(), new ConformanceOptions(
            [.. Enumerable.Range(0, parsed.GetValue(_jobs)).Select(_ => new Func<CancellationToken, ValueTask<Abi.IBatchMachine>>(c => new(Machines.Vm(image, cache))))],
            !parsed.GetValue(_all)));
        var summary = await runner.RunAsync(new GeneratedCases(area, parsed.GetValue(_seed), count, parsed.GetValue(_operations)), progress, cancel);
        progress.Dispose();
        Console.Write(SummaryReport.Write(summary));
        if (summary.FirstDivergence is { Result: Diverged d })
            Console.Write(DivergenceReport.Write(d.Divergence, new DivergenceFiles(null, null, "6.1")));
        return summary.AllAgree ? 0 : 1;
    }
}
