using System.Diagnostics;
using System.Globalization;
using DmSim.Harness.Fuzzing;
using DmSim.Harness.Traces;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using Trace = DmSim.Harness.Traces.Trace;

namespace DmSim.Benchmarks;

/// <summary>
/// The figures of the model alone, as one table: what was measured, what was promised. Each is the best of several runs, so that what
/// else the machine is doing matters little. Lines of other programs (the VM's figures) can stand below: see scripts/bench.
/// </summary>
internal sealed class Figures
{
    private const int Runs = 10;
    private const int Cases = 1000;
    private const int FuzzedBuffers = 1_000_000;
    private const int ThinBlocks = 1_000_000;
    private const int Mappings = 10_000_000;
    private const int Few = 10_000, Many = 1_000_000;

    /// <summary>In proportion, and what measuring adds.</summary>
    private const double LinearAtMost = 1.25;

    /// <summary>A hundred times as many exceptions: what they cost more is that they do not fit into the processor's cache.</summary>
    private const double ConstantAtMost = 10;

    private static readonly (string Name, Func<Figures, Task> Print)[] Groups =
    [
        ("operations", figures => figures.OperationLinesAsync()),
        ("traces", figures => figures.TraceLines()),
        ("buffers", figures => figures.BufferLines()),
        ("thin", figures => figures.ThinLines()),
        ("thin-scale", figures => figures.ThinScaleLines()),
        ("snapshots", figures => figures.SnapshotLines()),
    ];

    private bool _reached = true;

    /// <summary>Answers 0 when every figure is reached.</summary>
    /// <param name="group">
    /// Which are wanted; all, when it is null, each group in a process of its own: what ran before decides what the compiler optimises for.
    /// </param>
    public static async Task<int> PrintAsync(string? group)
    {
        if (group is not null)
        {
            var figures = new Figures();
            await Groups.Single(known => known.Name == group).Print(figures);
            return figures._reached ? 0 : 1;
        }
        Console.WriteLine($"{"figure",-58}{"measured",14}{"target",14}");
        int worst = 0;
        foreach (var (name, _) in Groups)
        {
            using var process = Process.Start(Environment.ProcessPath!, [typeof(Figures).Assembly.Location, "figures", name]);
            await process.WaitForExitAsync();
            worst = Math.Max(worst, process.ExitCode);
        }
        return worst;
    }

    private async Task OperationLinesAsync()
    {
        await using var operations = new SimpleOperations();
        double simple = Best(() => Repeat(operations.Round, 20_000, operations.Count));
        Line("simple operations through raw ioctl bytes, a second", simple, 500_000);
        double copying = Best(() => Repeat(operations.CopyOnly, 20_000, operations.Count));
        Line("  only copying their bytes there and back, times as many", copying / simple, null);
    }

    private Task TraceLines()
    {
        var trace = RecordedTraces.Record(Cases);
        Line("recorded traces checked (dmsim check), a second", Best(() => Check(trace)), 2000);
        Line("  operations of each", RecordedTraces.OperationsPerCase, null);
        return Task.CompletedTask;
    }

    private Task BufferLines()
    {
        var fuzzer = new ModelFuzzer(() => new ModelMachine(KernelProfile.Linux61), seed: 1);
        var fuzzed = fuzzer.Run(FuzzedBuffers, Environment.ProcessorCount);
        Line("fuzzed ioctl buffers (dmsim fuzz --kind ioctl --on model), a second", fuzzed.BuffersPerSecond, null);
        Line("  of them with an exception or a hang", fuzzed.Finding is null ? 0 : 1, null, 0);
        return Task.CompletedTask;
    }

    private Task ThinLines()
    {
        Line("thin blocks provisioned through a volume, a second", Best(() => ThinScale.Provisioning(ThinBlocks)), 1_000_000);
        Line("  by the metadata alone", Best(() => ThinScale.MetadataProvisioning(ThinBlocks)), null);
        return Task.CompletedTask;
    }

    private Task ThinScaleLines()
    {
        Line("64 KiB overwrites through a thin volume, % of a plain copy", 100 * ThinScale.Overwrites(megabytes: 64), 50);
        var (bytes, snapshots, status) = ThinScale.Large(Mappings);
        Line("memory per mapping, of 10 million, bytes", bytes, null, 24);
        Line("create_snap of them, times that of 1,000 mappings", snapshots, null, 2);
        Line("status of their pool, times that of 1,000 mappings", status, null, 2);
        ThinScale.SixteenTebibytes();
        Line("a thin volume that works, over a sparse pool, TiB", 16, 16);
        return Task.CompletedTask;
    }

    private Task SnapshotLines()
    {
        var each = new Dictionary<int, double>();
        foreach (int count in (int[])[1, 4, 16, 32])
        {
            double write = BestTime(() => SnapshotFigures.MicrosecondsPerWrite(count));
            each[count] = write / count;
            Line($"a write copied to {count} snapshots of its origin, microseconds", write, null);
        }
        Line("  for each of 32, times that for each of 4", each[32] / each[4], null, LinearAtMost);
        double bytes = SnapshotFigures.BytesPerException(Many);
        Line("bytes for each of a million exceptions", bytes, null, 64);
        double few = BestTime(() => SnapshotFigures.NanosecondsPerLookup(Few)), many = BestTime(() => SnapshotFigures.NanosecondsPerLookup(Many));
        Line("nanoseconds to look one up among ten thousand", few, null);
        Line("  among a million, times that", many / few, null, ConstantAtMost);
        return Task.CompletedTask;
    }

    private void Line(string what, double measured, double? atLeast, double? atMost = null)
    {
        string target = atLeast is { } least ? string.Create(CultureInfo.InvariantCulture, $">= {least:#,0.##}")
            : atMost is { } most ? string.Create(CultureInfo.InvariantCulture, $"<= {most:#,0.##}") : "";
        string number = measured.ToString(measured < 100 && measured % 1 != 0 ? "N1" : "N0", CultureInfo.InvariantCulture);
        bool good = (atLeast is null || measured >= atLeast) && (atMost is null || measured <= atMost);
        _reached &= good;
        Console.WriteLine($"{what,-58}{number,14}{target,14}{(good ? "" : "  MISSED")}");
    }

    private static double Best(Func<double> perSecond) => Enumerable.Range(0, Runs).Max(_ => perSecond());

    private static double BestTime(Func<double> time) => Enumerable.Range(0, Runs).Min(_ => time());

    private static double Repeat(Action round, int times, int operationsPerRound)
    {
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < times; i++)
            round();
        return (double)times * operationsPerRound / watch.Elapsed.TotalSeconds;
    }

    private static double Check(Trace trace)
    {
        var summary = RecordedTraces.Checker.Check(trace);
        if (summary.Failed.Count > 0)
            throw new InvalidOperationException($"{summary.Failed.Count} traces of the model differ from the model");
        return summary.CasesPerSecond;
    }
}
