using System.Text.RegularExpressions;
using DmSim.Abi;
using DmSim.Kernel.Vm;

namespace DmSim.Harness.Fuzzing.Campaign;

/// <summary>Crashes as problems: two with the same family and the same functions on top of the stack are one.</summary>
public static partial class CrashReport
{
    private const int FramesThatCount = 3;

    public static FuzzProblem Of(GuestCrash crash, int operation) =>
        new(ProblemKind.Crash, $"{crash.Title} [{string.Join(" < ", Stack(crash.Report))}]", operation, string.Join('\n', crash.Report));

    /// <summary>What a batch ended with.</summary>
    public static FuzzProblem Of(GuestFailure failure, int operation)
    {
        var detector = new GuestCrashDetector();
        foreach (string line in failure.Console)
            detector.Add(line);
        return detector.Crash is { } crash ? Of(crash, operation)
            : new FuzzProblem(failure.Kind == GuestFailureKind.Crash ? ProblemKind.Crash : ProblemKind.Hang, failure.Summary, operation, string.Join('\n', failure.Console));
    }

    /// <summary>The innermost functions that are at fault, without those that only report.</summary>
    internal static IEnumerable<string> Stack(IEnumerable<string> report) => report.Select(line => Frame().Match(line))
        .Where(match => match.Success).Select(match => match.Groups["function"].Value)
        .Where(GuestCrashDetector.MayBeAtFault).Distinct().Take(FramesThatCount);

    /// <summary>A frame that the unwinder is sure of, or where the CPU stood.</summary>
    [GeneratedRegex(@"^(?:RIP: [0-9a-f]{4}:| +)(?<function>[A-Za-z_]\w*)(?:\.[\w.]+)?\+0x[0-9a-f]+/0x[0-9a-f]+")]
    private static partial Regex Frame();
}
