using DmSim.Abi;
using DmSim.Harness.Fuzzing.Grammar;
using DmSim.Harness.Fuzzing.Programs;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Fuzzing.Campaign;

/// <summary>
/// What a kernel says a table is, loaded in its place: it must be taken, and read back the same. That is asked of targets that nobody here
/// models, too.
/// </summary>
internal sealed class EchoPrograms
{
    /// <summary>Of one target; their words differ in numbers only after some time.</summary>
    private const int MostPerTarget = 24;

    private readonly Dictionary<string, HashSet<string>> _asked = new(StringComparer.Ordinal);

    /// <summary>A program for each table of a run that was loaded and then read, as long as its like was not asked for.</summary>
    public IEnumerable<FuzzProgram> After(ProgramRun run)
    {
        Operation.LoadTable? taken = null;
        for (int i = 0; i < run.Replies.Count; i++)
        {
            if (run.Calls.Purposes[i] is not { Purpose: CallPurpose.Operation, Operation: var index })
                continue;
            var operation = run.Calls.Program.Sequence.Operations[index];
            if (run.Replies[i] is not MachineReply.Control { Errno: Errno.None } reply)
                continue;
            if (operation is Operation.LoadTable load)
                taken = load;
            else if (operation is Operation.Table { Inactive: true } && taken is not null && ProgramJudge.LinesOf(reply) is { Count: > 0 } lines && IsNew(lines))
                yield return Echo(run.Calls.Program, taken, lines);
            else if (operation is not Operation.Table)
                taken = null;
        }
    }

    private bool IsNew(IReadOnlyList<TableLine> lines)
    {
        if (!_asked.TryGetValue(lines[0].Type, out var asked))
            _asked.Add(lines[0].Type, asked = new HashSet<string>(StringComparer.Ordinal));
        return asked.Count < MostPerTarget && asked.Add(ProgramJudge.Normal(string.Join('|', lines.Select(line => line.Parameters))));
    }

    private static FuzzProgram Echo(FuzzProgram program, Operation.LoadTable taken, IReadOnlyList<TableLine> lines)
    {
        var operations = program.Sequence.Operations.TakeWhile(operation => operation is not Operation.LoadTable { Device.Name: "d0" } and not Operation.RawIoctl).ToList();
        var table = new Operation.Table(Ground.NameOf(Ground.Subject), Inactive: true);
        // Cleared first: two of a kind side by side may have reason to refuse each other (two snapshots of one COW device).
        operations.AddRange([taken, table, new Operation.Clear(Ground.NameOf(Ground.Subject)), taken with { Lines = ValueList.From(lines) }, table]);
        var loops = Ground.LoopsFor(operations.OfType<Operation.LoadTable>().SelectMany(load => load.Lines));
        return new FuzzProgram(program.About, program.Sequence.With(operations) with { Loops = loops }, operations.TrueForAll(ProgramMutator.IsHurried));
    }
}
