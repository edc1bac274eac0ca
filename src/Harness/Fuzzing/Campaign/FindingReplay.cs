using DmSim.Abi;
using DmSim.Harness.Fuzzing.Programs;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Fuzzing.Campaign;

/// <summary>
/// A program alone, from the saved state of the fuzzer's guest, one call right after the other: as a campaign found it. The lock-step comparison
/// keeps a schedule and looks at everything after each operation, and what a look reads may keep a kernel from crashing.
/// </summary>
public static class FindingReplay
{
    private const string Hurried = "# as fuzzed: hurried", Life = "# as fuzzed: a life";

    /// <summary>The line of a file that says how the program was run, which its operations alone do not tell.</summary>
    public static string Mark(bool hurried) => hurried ? Hurried : Life;

    /// <summary>A sequence from a file as the program that it was. Without a mark it is hurried where it can be.</summary>
    public static FuzzProgram Program(OperationSequence sequence, string file)
    {
        string about = sequence.Operations.OfType<Operation.LoadTable>().LastOrDefault(load => load.Lines.Count > 0)?.Lines[0].Type ?? "";
        string[] lines = file.Split('\n');
        return new FuzzProgram(about, sequence, !lines.Contains(Life) && (lines.Contains(Hurried) || sequence.Operations.All(ProgramMutator.IsHurried)));
    }

    /// <summary>What the kernel did wrong this time, or null.</summary>
    public static async ValueTask<FuzzProblem?> RunAsync(IBatchMachine kernel, FuzzProgram program, CancellationToken cancel = default)
    {
        if (await kernel.ResetAsync(ResetKind.Saved, cancel) is { } boot)
            return CrashReport.Of(boot, -1);
        var runs = await ProgramRun.RunAsync(kernel, [ProgramCalls.Of(program)], cancel);
        return FuzzCampaign.ProblemOf(runs[0], model: null);
    }
}
