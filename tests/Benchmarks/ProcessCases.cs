using System.Diagnostics;
using System.Globalization;
using System.Text;
using DmSim.Abi;
using DmSim.Harness.Generators;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Running;
using DmSim.Harness.Scripts;
using DmSim.Kernel.Vm;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Benchmarks;

/// <summary>How long processes took: that of an operation, and of each look where looks were asked for.</summary>
internal readonly record struct ProcessTimes(int Processes, double Seconds)
{
    public double PerSecond => Processes / Seconds;
}

/// <summary>
/// Generated cases of such control operations as dmsetup has words for and that cannot block, to be made by one process each in a VM of
/// the same kernel and the same emulator. What reading devices would take (dd) is left out of the processes, not of lock step.
/// </summary>
internal sealed class ProcessCases
{
    private readonly List<ReferenceRun> _runs = [];

    public IEnumerable<OperationSequence> Sequences => _runs.Select(run => run.Sequence);

    public int OperationCount => _runs.Sum(run => run.Sequence.Operations.Count);

    public static async Task<ProcessCases> PlanAsync(int count, int operations)
    {
        var cases = new ProcessCases();
        // Twice as many are drawn: some are left out.
        var source = new GeneratedCases(AreaRegistry.Find("control")!, seed: 1, count, 2 * operations);
        for (int i = 0; i < count; i++)
        {
            var drawn = await RunAsync(source.Open(i));
            var kept = drawn.Sequence.Operations.Where(IsProcess).Take(operations);
            cases._runs.Add(await RunAsync(new FixedSource(drawn.Sequence.With(kept))));
        }
        return cases;
    }

    private static async Task<ReferenceRun> RunAsync(IOperationSource source)
    {
        await using var machine = new ModelMachine(KernelProfile.Linux61);
        return await ReferenceRun.RunAsync(machine, source, LookPolicy.WhenTouched);
    }

    private static bool IsProcess(Operation operation) => operation is Operation.Control and not Operation.Wait
        && !(operation is Operation.LoadTable load && load.Lines.Any(line => line.Parameters.Contains('{', StringComparison.Ordinal)))
        && ScriptExport.OneLine(operation).StartsWith("dmsetup ", StringComparison.Ordinal);

    /// <summary>Boots a VM and makes all operations in it; only the time between a case's first and last process counts.</summary>
    public async Task<ProcessTimes> RunAsync(KernelImage kernel, CacheDirectory cache, bool withLooks)
    {
        var marks = new MarkStream();
        int processes = 0;
        string script = Script(withLooks, ref processes);
        var outcome = await ScriptVm.RunAsync(new ScriptVmOptions
        {
            Kernel = kernel,
            Cache = cache,
            Scripts = [new GuestScript("processes", Encoding.UTF8.GetBytes(script))],
            Output = marks,
            Errors = Stream.Null,
        });
        if (outcome.Status != 0 || marks.Times.Count != 2 * _runs.Count)
            throw new InvalidOperationException($"the processes ended with {outcome.Status} after {marks.Times.Count} marks");
        double seconds = 0;
        for (int i = 0; i < marks.Times.Count; i += 2)
            seconds += (marks.Times[i + 1] - marks.Times[i]).TotalSeconds;
        return new ProcessTimes(processes, seconds);
    }

    private string Script(bool withLooks, ref int processes)
    {
        var script = new StringBuilder("exec </dev/null\nexport LC_ALL=C DM_DISABLE_UDEV=1 DM_DEFAULT_NAME_MANGLING_MODE=none\n"
            + "DM=$(awk '$2 == \"device-mapper\" { print $1; exit }' /proc/devices)\n");
        foreach (var run in _runs)
        {
            foreach (var loop in run.Sequence.Loops)
                script.Append(CultureInfo.InvariantCulture, $"truncate -s {loop.Size.Value} /tmp/loop{loop.Index}; losetup /dev/loop{loop.Index} /tmp/loop{loop.Index}\n");
            script.Append("echo @\n");
            for (int i = 0; i < run.Sequence.Operations.Count; i++)
            {
                processes++;
                script.Append(ScriptExport.OneLine(run.Sequence.Operations[i])).Append(" >/dev/null 2>&1\n");
                if (withLooks)
                    AppendLooks(script, run, run.Steps[i + 1], ref processes);
            }
            script.Append("echo @\ndmsetup remove_all --force >/dev/null 2>&1\nlosetup -D\n");
        }
        return script.Append("exit 0\n").ToString();
    }

    /// <summary>What lock step asks of device-mapper after the operation, which is the step's first control call.</summary>
    private static void AppendLooks(StringBuilder script, ReferenceRun run, StepRecord step, ref int processes)
    {
        var controls = Enumerable.Range(step.FirstCall, step.CallCount).Select(i => run.Schedule[i].Call).OfType<MachineCall.Control>();
        foreach (var call in controls.Skip(1))
        {
            if (!DmHeader.TryDecode(call.Buffer, out var header, out _))
                continue;
            string inactive = header!.Has(DmFlags.DM_QUERY_INACTIVE_TABLE_FLAG) ? "--inactive " : "";
            string? words = (DmCommand)(call.Request & 0xff) switch
            {
                DmCommand.DM_LIST_DEVICES => "ls",
                DmCommand.DM_DEV_STATUS => $"info {inactive}'{header.Name}'",
                DmCommand.DM_TABLE_DEPS => $"deps {inactive}'{header.Name}'",
                DmCommand.DM_TABLE_STATUS when header.Has(DmFlags.DM_STATUS_TABLE_FLAG) => $"table {inactive}'{header.Name}'",
                DmCommand.DM_TABLE_STATUS => $"status {inactive}'{header.Name}'",
                _ => null,
            };
            if (words is null)
                continue;
            processes++;
            script.Append("dmsetup ").Append(words).Append(" >/dev/null 2>&1\n");
        }
    }

    /// <summary>Notes when each mark of the script arrives.</summary>
    private sealed class MarkStream : MemoryStream
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();

        public List<TimeSpan> Times { get; } = [];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            foreach (byte b in buffer.Span)
            {
                if (b == '@')
                    Times.Add(_watch.Elapsed);
            }
            return ValueTask.CompletedTask;
        }
    }
}
