using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Lowering;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;
using DmSim.Kernel.Vm;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Benchmarks;

/// <summary>
/// The figures that need a kernel: how soon and how fast "dmsim conform" compares, all timed on this host. With --json for machines.
/// </summary>
/// <param name="program">The built dmsim.dll; the guest's program is in the folder "agent" beside it.</param>
internal sealed class KernelFigures(string program)
{
    private const int UsualCases = 200;
    private const int Operations = 40;

    /// <summary>Of an execution such as the shrinker makes, in which the fresh state counts for something.</summary>
    private const int FewOperations = 10;

    /// <summary>Of which the same is done once more with dmsetup: a process takes so long that more are not needed.</summary>
    private const int CasesOfProcesses = 8;

    private readonly List<(string Name, string Text, double Measured, double? AtLeast, double? AtMost)> _rows = [];
    private readonly CacheDirectory _cache = CacheDirectory.Default();

    /// <param name="words">PROGRAM [--json] [--cases N] [--exhaustive].</param>
    /// <returns>0 when every figure is reached.</returns>
    public static async Task<int> PrintAsync(string[] words)
    {
        int cases = UsualCases;
        int at = Array.IndexOf(words, "--cases");
        if (words.Length == 0 || (at >= 0 && (at + 1 == words.Length || !int.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out cases))))
        {
            await Console.Error.WriteLineAsync("bench: kernel [--json] [--cases N] [--exhaustive]");
            return 64;
        }
        var figures = new KernelFigures(words[0]);
        await figures.MeasureAsync(cases, words.Contains("--exhaustive"));
        return figures.Print(words.Contains("--json")) ? 0 : 1;
    }

    private async Task MeasureAsync(int cases, bool exhaustive)
    {
        // The first run of a build boots a guest and saves its state; all later ones begin there.
        await ConformAsync("--cases", "1", "--ops", "1", "--jobs", "1");
        var (first, wholeSeconds) = await ConformAsync("--cases", "1", "--ops", "5", "--jobs", "1");
        Add("firstStepSeconds", "from the command to the first compared step, seconds",
            wholeSeconds - Figure(first, "seconds") + Figure(first, "firstStepAfterSeconds"), null, 5);
        var (brief, _) = await ConformAsync("--cases", Text(cases), "--ops", Text(FewOperations), "--all", "--no-shrink");
        Add("executionsPerSecond", $"executions of {FewOperations} operations from a fresh state, a second", Figure(brief, "casesPerSecond"), 10);
        var (many, _) = await ConformAsync("--cases", Text(cases), "--ops", Text(Operations), "--all", "--no-shrink");
        Add("casesPerSecond", $"  of {Operations} operations, a second", Figure(many, "casesPerSecond"));
        Add("stepsPerSecond", "  steps compared, a second", Figure(many, "stepsPerSecond"));
        Add("casesDiffering", $"  of {cases} cases, those that differ", Figure(many, "divergences") + Figure(many, "guestFailures"), null, 0);
        await AddProcessesAsync();
        if (!exhaustive)
            return;
        var (all, _) = await ConformAsync("--exhaustive", "--all", "--no-shrink");
        Add("exhaustiveSeconds", "every edge of the one-device transition graphs, seconds", Figure(all, "seconds"), null, 180);
        Add("exhaustiveDiffering", $"  of {Figure(all, "cases")} cases, those that differ", Figure(all, "divergences") + Figure(all, "guestFailures"), null, 0);
    }

    private async Task AddProcessesAsync()
    {
        var kernel = new KernelCache(_cache).TryGet(KernelCatalog.DefaultTag) ?? throw new InvalidOperationException("the kernel is not fetched");
        var cases = await ProcessCases.PlanAsync(CasesOfProcesses, Operations);
        double lockStep = await LockStepAsync(kernel, cases);
        var bare = await cases.RunAsync(kernel, _cache, withLooks: false);
        var looking = await cases.RunAsync(kernel, _cache, withLooks: true);
        Add("lockStepOperationsPerSecond", "control operations in lock step, looks and all, one VM, a second", lockStep);
        Add("processOperationsPerSecond", "  the same, one dmsetup process each and no look, a second", bare.PerSecond);
        Add("processesWithLooksPerSecond", $"  with the {looking.Processes / (double)bare.Processes:N1} looks of lock step as processes too, a second",
            bare.Processes / looking.Seconds);
        Add("lockStepAgainstProcesses", "  lock step, times as fast as such processes", lockStep * looking.Seconds / bare.Processes, 20);
        Add("lockStepAgainstBareProcesses", "  times as fast as processes that look at nothing", lockStep / bare.PerSecond);
    }

    /// <summary>Operations a second on one VM, with everything that conform does between two cases.</summary>
    private async Task<double> LockStepAsync(KernelImage kernel, ProcessCases cases)
    {
        await using var vm = new VmMachine(new VmMachineOptions
        {
            Kernel = kernel,
            Cache = _cache,
            AgentDirectory = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(program))!, "agent"),
        });
        var contest = new Contest(() => new ModelMachine(KernelProfile.Linux61), "model", new Comparer(AllowedOutcomeRules.All), LookPolicy.WhenTouched);
        var runner = new CaseRunner(contest, vm, Abi.ResetKind.TidiedIfPossible);
        // A first round that does not count: the emulator translates what it then has.
        double seconds = 0;
        for (int round = 0; round < 2; round++)
        {
            var watch = Stopwatch.StartNew();
            foreach (var sequence in cases.Sequences)
                await runner.RunAsync("bench", sequence);
            seconds = watch.Elapsed.TotalSeconds;
        }
        return cases.OperationCount / seconds;
    }

    /// <summary>Runs "dmsim conform" and reads its result; the second value is the wall-clock time of all of it in seconds.</summary>
    private async Task<(JsonNode Result, double Seconds)> ConformAsync(params string[] words)
    {
        var start = new ProcessStartInfo("dotnet", [program, "conform", "--json", .. words]) { RedirectStandardOutput = true };
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode > 2)
            throw new InvalidOperationException($"dmsim conform ended with {process.ExitCode}");
        return (JsonNode.Parse(output)!["figures"]!, watch.Elapsed.TotalSeconds);
    }

    private static double Figure(JsonNode figures, string name) => figures[name]!.GetValue<double>();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void Add(string name, string text, double measured, double? atLeast = null, double? atMost = null) =>
        _rows.Add((name, text, measured, atLeast, atMost));

    private bool Print(bool json)
    {
        bool reached = true;
        var all = new JsonObject();
        foreach (var row in _rows)
        {
            bool good = (row.AtLeast is null || row.Measured >= row.AtLeast) && (row.AtMost is null || row.Measured <= row.AtMost);
            reached &= good;
            all[row.Name] = Math.Round(row.Measured, 2);
            string target = row.AtLeast is { } least ? $">= {Text((int)least)}" : row.AtMost is { } most ? $"<= {Text((int)most)}" : "";
            if (!json)
                Console.WriteLine($"{row.Text,-78}{row.Measured.ToString("N1", CultureInfo.InvariantCulture),10}{target,10}{(good ? "" : "  MISSED")}");
        }
        all["reached"] = reached;
        if (json)
            Console.WriteLine(all.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        return reached;
    }
}
