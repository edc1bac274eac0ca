using System.CommandLine;
using System.Globalization;
using DmSim.Harness.Reports;
using DmSim.Harness.Traces;
using DmSim.Model.Profiles;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim check: holds the model to what kernels have answered. No VM, seconds.</summary>
public sealed class CheckVerb : IVerb
{
    private const int ReportedInFull = 3;

    private readonly Argument<string?> _traces = new("traces")
    {
        Description = "a trace, or a folder with traces (default: those that come with dmsim)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public string Name => "check";

    /// <summary>Where the build puts the repository's traces.</summary>
    public static string OwnTraces => Path.Combine(AppContext.BaseDirectory, "traces");

    public Command Build()
    {
        var command = new Command(Name, "Checks recorded traces against the model.") { _traces };
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(token => Task.Run(() => Run(parsed.GetValue(_traces) ?? OwnTraces, token), token), cancel));
        return command;
    }

    private static int Run(string path, CancellationToken cancel)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new BadInputException($"There is no trace or folder {path}: record makes traces.");
        var files = TraceFile.Find(path);
        if (files.Count == 0)
            throw new BadInputException($"There are no traces in {path}: record makes them.");
        var failed = new List<CheckedCase>();
        int cases = 0;
        long steps = 0;
        var elapsed = TimeSpan.Zero;
        foreach (string file in files)
        {
            var trace = TraceFile.Read(file);
            var contest = Machines.Contest(KernelProfile.ForRelease(trace.Profile));
            var summary = new TraceChecker(contest.FreshModel, contest.ModelDescription, contest.Comparer).Check(trace, cancel);
            failed.AddRange(summary.Failed);
            (cases, steps, elapsed) = (cases + summary.Cases, steps + summary.Steps, elapsed + summary.Elapsed);
        }
        foreach (var divergence in failed.Select(f => f.Divergence).OfType<Harness.Running.Divergence>().Take(ReportedInFull))
            Console.WriteLine(DivergenceReport.Write(divergence, new DivergenceFiles(null, null, "")));
        foreach (var broken in failed.Where(f => f.Failure is not null))
            Console.WriteLine($"{broken.Recorded.Name}: the model threw at step {broken.Failure!.Step}: {broken.Failure.Exception.Message}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{files.Count} traces, {cases} cases, {steps} steps in {elapsed.TotalSeconds:F2} s: {cases / elapsed.TotalSeconds:F0} cases/s; {failed.Count} differ"));
        return (int)(failed.Count == 0 ? ExitCode.Agree : ExitCode.Diverge);
    }
}
