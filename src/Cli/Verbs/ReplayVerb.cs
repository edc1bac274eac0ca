using System.CommandLine;
using System.Text;
using DmSim.Abi;
using DmSim.Harness.Fuzzing.Campaign;
using DmSim.Harness.Fuzzing.Programs;
using DmSim.Harness.Operations;
using DmSim.Harness.Reports;
using DmSim.Harness.Running;
using DmSim.Kernel.Local;
using DmSim.Kernel.Vm;
using DmSim.Model.Profiles;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim replay: a sequence from a file once more, on the model, on a kernel, or on both to compare them.</summary>
public sealed class ReplayVerb : IVerb
{
    private const string Model = "model", Vm = "vm", Both = "both", Host = "host";

    private readonly Argument<string> _file = new("file") { Description = "operations, as conform writes them (.ops)" };
    private readonly Option<string> _on = new("--on") { Description = "model, vm, both (then they are compared), or host: this very machine, compared with the model", DefaultValueFactory = _ => Both };
    private readonly Option<int> _times = new("--times") { Description = "on anything but the model: how often", DefaultValueFactory = _ => 1 };
    private readonly Option<bool> _touch = new("--touch-this-machine") { Description = "with host: yes, create and remove mapped devices and loop devices here" };
    private readonly Option<bool> _allTargets = new("--all-targets") { Description = "with vm and both: boot the fuzzer's guest, which has every target that the kernel has" };
    private readonly Option<bool> _asFuzzed = new("--as-fuzzed") { Description = "in the fuzzer's guest, one call right after the other, with no looks between them: as fuzz ran what it found" };
    private readonly PlantOption _plant = new();
    private readonly KernelOptions _kernel = new();

    public string Name => "replay";

    public Command Build()
    {
        _on.AcceptOnlyFromAmong(Model, Vm, Both, Host);
        var command = new Command(Name, "Runs a recorded sequence again and prints what each step showed.") { _file, _on, _times, _touch, _allTargets, _asFuzzed };
        _plant.AddTo(command);
        _kernel.AddTo(command);
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(token => RunAsync(parsed, token), cancel));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        string file = parsed.GetValue(_file)!;
        if (!File.Exists(file))
            throw new BadInputException($"There is no file {file}: conform says where it puts what it finds.");
        string text = await File.ReadAllTextAsync(file, Encoding.Latin1, cancel);
        if (!OperationSequence.TryParse(text, out var sequence, out string error))
            throw new BadInputException($"{file} is no sequence of operations: {error}.");
        bool asFuzzed = parsed.GetValue(_asFuzzed);
        string on = asFuzzed ? Vm : parsed.GetValue(_on)!;
        if (on == Model)
            return await OnModelAsync(_plant.Contest(parsed, KernelProfile.ForRelease(_kernel.ReleaseOf(parsed))), sequence!);
        if (on == Host)
            return await OnHostAsync(_plant.Contest(parsed, KernelProfile.ForRelease(HostMachine.Release)), sequence!, file, parsed.GetValue(_touch), parsed.GetValue(_times), cancel);
        var cache = CacheDirectory.Default();
        var image = await _kernel.ResolveAsync(parsed, cache, cancel);
        await using var vm = Machines.Vm(image, cache, asFuzzed || parsed.GetValue(_allTargets));
        if (asFuzzed)
            return await AsFuzzedAsync(FindingReplay.Program(sequence!, text), vm, parsed.GetValue(_times), cancel);
        var profile = KernelProfile.ForRelease(image.Release);
        return on == Vm ? await OnVmAsync(Machines.Contest(profile), sequence!, vm, parsed.GetValue(_times), cancel)
            : await CompareAsync(_plant.Contest(parsed, profile), sequence!, file, image.Tag, vm, parsed.GetValue(_times), cancel);
    }

    private static async Task<int> OnModelAsync(Contest contest, OperationSequence sequence)
    {
        await using var machine = contest.FreshModel();
        var run = await ReferenceRun.RunAsync(machine, new FixedSource(sequence), contest.Policy);
        Console.Write(ReplayReport.Write(sequence, run.Steps.Select(step => step.Outcome)));
        if (run.Failure is not { } failure)
            return (int)ExitCode.Agree;
        await Console.Error.WriteLineAsync($"dmsim: the model threw at step {failure.Step}: {failure.Exception.Message}");
        return (int)ExitCode.InternalError;
    }

    /// <summary>The schedule is the model's, as in every comparison; what is printed is the kernel's: of several runs the last, and how often each ending came.</summary>
    private static async Task<int> OnVmAsync(Contest contest, OperationSequence sequence, VmMachine vm, int times, CancellationToken cancel)
    {
        await using var machine = contest.FreshModel();
        var run = await ReferenceRun.RunAsync(machine, new FixedSource(sequence), contest.Policy);
        var endings = new List<(string Steps, GuestFailure? Failure)>();
        for (int i = 0; i < Math.Max(1, times); i++)
            endings.Add(await OnVmAsync(run, sequence, vm, cancel));
        var (steps, failure) = endings[^1];
        Console.Write(steps);
        foreach (string line in failure?.Console ?? [])
            await Console.Error.WriteLineAsync(line);
        if (failure is not null)
            await Console.Error.WriteLineAsync($"dmsim: {failure.Summary}");
        foreach (var alike in endings.Count == 1 ? [] : endings.GroupBy(ending => (ending.Steps, ending.Failure?.Summary)))
            Console.WriteLine($"{alike.Count()} of {endings.Count}: {alike.Key.Summary ?? "no failure"}");
        return (int)(endings.Exists(ending => ending.Failure is not null) ? ExitCode.GuestCrashed : ExitCode.Agree);
    }

    private static async Task<(string Steps, GuestFailure? Failure)> OnVmAsync(
        ReferenceRun run, OperationSequence sequence, VmMachine vm, CancellationToken cancel)
    {
        if (await vm.ResetAsync(ResetKind.Saved, cancel) is { } boot)
            return ("", boot);
        var batch = await vm.RunBatchAsync(run.Schedule, cancel);
        return (ReplayReport.Write(sequence, run.Decode(batch.Replies)), batch.Failure);
    }

    /// <summary>What the fuzzer's own judge says of each run.</summary>
    private static async Task<int> AsFuzzedAsync(FuzzProgram program, VmMachine vm, int times, CancellationToken cancel)
    {
        var problems = new List<FuzzProblem?>();
        for (int i = 0; i < Math.Max(1, times); i++)
            problems.Add(await FindingReplay.RunAsync(vm, program, cancel));
        if (problems.FindLast(problem => problem is not null) is { } last)
            Console.WriteLine(last.Detail);
        PrintCounts(problems.Select(problem => problem is null ? "no failure" : $"{problem.Kind}: {problem.Signature}"));
        return (int)(problems.Exists(problem => problem?.Kind is ProblemKind.Crash or ProblemKind.Hang) ? ExitCode.GuestCrashed
            : problems.Exists(problem => problem is not null) ? ExitCode.Diverge : ExitCode.Agree);
    }

    private static async Task<int> OnHostAsync(
        Contest contest, OperationSequence sequence, string file, bool touch, int times, CancellationToken cancel)
    {
        if (!touch)
            throw new BadInputException("--on host makes and removes mapped devices and loop devices of this very machine: "
                + "say --touch-this-machine as well if you mean that; --on vm does the same in a VM.");
        await using var host = new HostMachine(LocalConsent.TheUserWantsThisHostChanged());
        return await CompareAsync(contest, sequence, file, KernelProfile.ForRelease(HostMachine.Release).Tag, host, times, cancel);
    }

    private static async Task<int> CompareAsync(
        Contest contest, OperationSequence sequence, string file, string tag, IBatchMachine machine, int times, CancellationToken cancel)
    {
        var runner = new CaseRunner(contest, machine);
        var results = new List<CaseResult>();
        for (int i = 0; i < Math.Max(1, times); i++)
            results.Add(await runner.RunAsync(file, sequence, cancel));
        var last = results[^1];
        if (last is Diverged { Divergence: var divergence })
            Console.Write(DivergenceReport.Write(divergence, new DivergenceFiles(file, null, tag)));
        PrintCounts(results.Select(SummaryReport.Describe));
        return (int)(results.Any(r => r is Diverged or ModelFailed or BadMetadata) ? ExitCode.Diverge
            : results.Any(r => r is GuestFailed) ? ExitCode.GuestCrashed : ExitCode.Agree);
    }

    /// <summary>How often each ending came.</summary>
    private static void PrintCounts(IEnumerable<string> endings)
    {
        var all = endings.ToList();
        foreach (var alike in all.GroupBy(ending => ending))
            Console.WriteLine($"{alike.Count()} of {all.Count}: {alike.Key}");
    }
}
