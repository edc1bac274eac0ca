using System.Globalization;
using System.Text;
using DmSim.Abi;
using DmSim.Harness.Campaigns;
using DmSim.Harness.Fuzzing;
using DmSim.Harness.Fuzzing.Campaign;
using DmSim.Harness.Fuzzing.Grammar;
using DmSim.Harness.Fuzzing.Programs;
using DmSim.Harness.Running;
using DmSim.Kernel.Vm;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Cli;

/// <summary>What the command line of "dmsim fuzz" asks for.</summary>
/// <param name="Kernel">Null for the model alone.</param>
internal sealed record FuzzSettings(
    FuzzKind Kind, ulong Seed, TimeSpan Time, long Programs, int Jobs, bool Guided, bool LoadsOnly, IReadOnlyList<string>? Targets,
    string? Corpus, string? Out, Contest Contest, CacheDirectory Cache, KernelImage? Kernel, Shard Shard);

/// <summary>What "dmsim fuzz" does.</summary>
internal static class FuzzRun
{
    public static int Export(string file)
    {
        File.WriteAllText(file, SyzkallerExport.Write(GrammarRegistry.All));
        Console.WriteLine($"{GrammarRegistry.All.Count} targets described: {file}");
        return (int)ExitCode.Agree;
    }

    /// <summary>Random and mutated buffers, as many as the processors can take.</summary>
    public static int BuffersOnModel(long count, ulong seed, CancellationToken cancel)
    {
        using var line = new ProgressLine();
        var fuzzer = new ModelFuzzer(() => new ModelMachine(KernelProfile.Linux61), seed)
        {
            Progress = done => line.Update(string.Create(CultureInfo.InvariantCulture, $"{done}/{count} buffers")),
        };
        var summary = fuzzer.Run(count, Environment.ProcessorCount, cancel);
        line.Dispose();
        Console.Write(Describe(summary, seed));
        return (int)(summary.Finding is not null ? ExitCode.Diverge : summary.Buffers < count ? ExitCode.Interrupted : ExitCode.Agree);
    }

    private static string Describe(FuzzSummary summary, ulong seed)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{summary.Buffers} buffers in {summary.Elapsed.TotalSeconds:F1} s, {summary.BuffersPerSecond:F0} a second; ");
        text.Append(CultureInfo.InvariantCulture,
            $"{summary.Succeeded} succeeded; seed {seed}, digest {summary.Digest:x16}\n");
        if (summary.Finding is not { } finding)
            return text.Append("no exception, no hang\n").ToString();
        text.Append(CultureInfo.InvariantCulture, $"case {finding.Case}, buffer {finding.Index}, request 0x{finding.Buffer.Request:x8}:\n");
        text.Append(finding.What).Append('\n');
        return text.Append("the buffer: ").Append(Convert.ToHexStringLower(finding.Buffer.Bytes)).Append('\n').ToString();
    }

    /// <summary>Programs on the model alone.</summary>
    public static (int Status, FuzzResult Result) ProgramsOnModel(FuzzSettings settings, CancellationToken cancel)
    {
        using var line = new ProgressLine();
        var programs = new ModelPrograms(settings.Contest.FreshModel, settings.Kind, settings.Seed)
        {
            LoadsOnly = settings.LoadsOnly,
            Shard = settings.Shard,
            Progress = loads => line.Update(string.Create(CultureInfo.InvariantCulture, $"{loads} tables")),
        };
        var summary = programs.Run(settings.Time, settings.Programs, Environment.ProcessorCount, cancel);
        line.Dispose();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{summary.Programs} programs with {summary.Loads} tables in {summary.Elapsed.TotalSeconds:F1} s, {summary.LoadsPerSecond:F0} tables a second; "
            + $"seed {settings.Seed}"));
        if (summary.Failed is not { } failed)
        {
            Console.WriteLine("no exception, no hang");
            return ((int)(cancel.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Agree), programs.ResultOf(summary, null, cancel.IsCancellationRequested));
        }
        var findings = new FuzzFindings(settings.Out ?? settings.Cache.Folder("findings"), KernelProfile.Linux61.Tag);
        var report = new FuzzFindingReport(new FuzzProblem(ProblemKind.Model, failed.What.Split('\n')[0], -1, failed.What), failed.Program, null);
        Console.WriteLine(findings.Write(report));
        return ((int)ExitCode.Diverge, programs.ResultOf(summary, report, cancel.IsCancellationRequested));
    }

    public static async Task<(int Status, FuzzResult Result)> CampaignAsync(FuzzSettings settings, CancellationToken cancel)
    {
        string tag = settings.Kernel!.Tag;
        string? folder = settings.Guided ? settings.Corpus ?? settings.Cache.Folder($"corpus/{tag}-{settings.Kind.ToString().ToLowerInvariant()}") : null;
        var findings = new FuzzFindings(settings.Out ?? settings.Cache.Folder("findings"), tag);
        FuzzResult result;
        using (var line = new ProgressLine())
        {
            var progress = new Progress(line, findings);
            var workers = Enumerable.Range(0, settings.Jobs).Select(worker =>
                Task.Run(() => WorkAsync(settings, worker, folder, progress, cancel), CancellationToken.None)).ToArray();
            result = FuzzResult.Join(await Task.WhenAll(workers));
        }
        Console.Write(FuzzSummaryReport.Write(result, settings.Seed.ToString(CultureInfo.InvariantCulture)));
        return ((int)FuzzSummaryReport.Status(result), result);
    }

    /// <summary>Each worker has its own part of the programs: N shards of one worker each do what N workers of one machine would.</summary>
    private static async Task<FuzzResult> WorkAsync(FuzzSettings settings, int ofShard, string? folder, Progress progress, CancellationToken cancel)
    {
        int worker = (settings.Shard.Index - 1) * settings.Jobs + ofShard, workers = settings.Shard.Count * settings.Jobs;
        await using var vm = Machines.Vm(settings.Kernel!, settings.Cache, forFuzzing: true);
        var options = new FuzzCampaignOptions(settings.Kind, unchecked(settings.Seed + (ulong)worker * 0x9E3779B97F4A7C15), settings.Time)
        {
            Guided = settings.Guided,
            Programs = settings.Programs == long.MaxValue ? long.MaxValue : (settings.Programs + workers - 1 - worker) / workers,
            LifePercent = settings.LoadsOnly ? 0 : FuzzCampaignOptions.UsualLifePercent,
            Echoes = !settings.LoadsOnly,
            Targets = settings.Targets,
        };
        var campaign = new FuzzCampaign(options, settings.Contest, vm, new FuzzCorpus(folder), progress);
        var figures = await campaign.RunAsync(cancel);
        return FuzzResult.Of(figures, vm.Hello?.Functions ?? [], cancel.IsCancellationRequested);
    }

    private sealed class Progress(ProgressLine line, FuzzFindings findings) : IFuzzProgress
    {
        private readonly Lock _lock = new();

        public void Ran(FuzzFigures soFar)
        {
            lock (_lock)
                line.Update(FuzzSummaryReport.Line(soFar));
        }

        /// <summary>Kept where it can be looked into: it may be the comparison that sees too little.</summary>
        public void Dismissed(FuzzProblem problem, FuzzProgram program)
        {
            lock (_lock)
                findings.WriteDismissed(problem, program);
        }

        public void Found(FuzzFindingReport finding)
        {
            lock (_lock)
                line.Say(findings.Write(finding));
        }
    }
}
