using System.Globalization;
using System.Text;
using DmSim.Harness.Metadata;
using DmSim.Harness.Reports;
using DmSim.Harness.Running;
using DmSim.Harness.Shrinking;
using DmSim.Kernel.Vm;

namespace DmSim.Cli;

/// <summary>What "dmsim fuzz --kind metadata" and "--kind store" do: damaged metadata, on the model alone or compared with a kernel.</summary>
internal static class MetadataFuzz
{
    public static int OnModel(DamagedKind kind, int count, ulong seed, CancellationToken cancel)
    {
        using var line = new ProgressLine();
        var fuzzer = new MetadataFuzzer(Machines.FreshModel, seed, kind) { Progress = done => line.Update($"{done}/{count} {kind.Plural}") };
        var summary = fuzzer.Run(count, Environment.ProcessorCount, cancel);
        line.Dispose();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{summary.Cases} {kind.Plural} in {summary.Elapsed.TotalSeconds:F1} s; {summary.Refused} could not be opened; "
            + $"{summary.KernelBugs} would stop a kernel; seed {seed}"));
        if (summary.Finding is not { } finding)
        {
            Console.WriteLine("no exception, no hang, no further damage");
            return (int)(summary.Cases < count ? ExitCode.Interrupted : ExitCode.Agree);
        }
        string path = $"{finding.Case.Name.Replace(' ', '-')}.ops";
        File.WriteAllText(path, finding.Case.Sequence.ToString(), Encoding.Latin1);
        Console.WriteLine($"{finding.Case.Name} ({finding.Case.Damage}): {finding.What}\nreplay: {path}");
        return (int)ExitCode.Diverge;
    }

    /// <summary>What would stop a kernel is counted, not tried: it says nothing of the model.</summary>
    public static async Task<int> OnBothAsync(
        DamagedKind kind, int count, ulong seed, int from, KernelImage image, CacheDirectory cache, string? folder, CancellationToken cancel)
    {
        // What is left need not pass thin_check; block for block it is compared as everything else.
        var contest = Machines.Contest(image) with { MetadataTools = null };
        var cases = kind.Cases(contest.FreshModel, seed);
        var fuzzer = new MetadataFuzzer(contest.FreshModel, seed, kind);
        var findings = Findings.In(folder, cache, image);
        await using var vm = Machines.Vm(image, cache);
        var runner = new CaseRunner(contest, vm);
        int compared = 0, differ = 0, died = 0, left = 0;
        using (var line = new ProgressLine())
        {
            for (int i = 0; i < count && !cancel.IsCancellationRequested; i++)
            {
                line.Update($"{i}/{count} {kind.Plural}");
                var damaged = cases(from + i);
                if (fuzzer.Check(damaged).StopsKernel)
                {
                    left++;
                    continue;
                }
                var result = await runner.RunAsync(damaged.Name, damaged.Sequence, cancel);
                compared += result is Agreed or Diverged ? 1 : 0;
                differ += result is Diverged or ModelFailed ? 1 : 0;
                died += result is GuestFailed ? 1 : 0;
                if (result is Agreed)
                    continue;
                var files = findings.Write(result, FailureKey.Cut(result));
                line.Say($"{damaged.Name} ({damaged.Damage}): {SummaryReport.Describe(result)}\n  {files.Operations}");
                if (result is Diverged { Divergence: var divergence })
                    line.Say(DivergenceReport.Write(divergence, files));
            }
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{compared} {kind.Plural} compared, {differ} differ; {died} stopped the kernel; {left} left out, which would; seed {seed}"));
        return (int)(differ > 0 ? ExitCode.Diverge : died > 0 ? ExitCode.GuestCrashed
            : cancel.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Agree);
    }
}
