using DmSim.Harness.Fuzzing.Grammar;
using DmSim.Harness.Generators;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Fuzzing.Programs;

/// <summary>Makes programs of programs that once showed something new: steps more, fewer, in another order, with other words, or of two programs.</summary>
internal sealed class ProgramMutator(Choices choices, IReadOnlyList<TargetGrammar> offered)
{
    private const int MostOperations = 96;

    private readonly TableWriter _writer = new(choices);
    private readonly SpecMutator _specs = new(choices);

    public FuzzProgram Mutate(FuzzProgram program, FuzzProgram other)
    {
        var operations = new List<Operation>(program.Sequence.Operations);
        for (int left = 1 + choices.Below(4); left > 0; left--)
            Mutate(operations, program, other);
        bool runs = !operations.TrueForAll(IsHurried);
        operations.RemoveAll(operation => KernelHazards.Find(operation, runs) is not null);
        if (operations.Count > MostOperations)
            operations.RemoveRange(MostOperations, operations.Count - MostOperations);
        return new FuzzProgram(program.About, program.Sequence.With(operations), operations.TrueForAll(IsHurried));
    }

    /// <summary>Loads and looks only: nothing of it runs.</summary>
    public static bool IsHurried(Operation operation) => operation is Operation.Create or Operation.Clear or Operation.Table { Inactive: true } || IsLoad(operation);

    public static bool IsLoad(Operation operation) => operation is Operation.LoadTable
        || operation is Operation.RawIoctl raw && (Abi.DmCommand)(raw.Request & 0xff) == Abi.DmCommand.DM_TABLE_LOAD;

    private void Mutate(List<Operation> operations, FuzzProgram program, FuzzProgram other)
    {
        int at = choices.Below(operations.Count + 1);
        switch (choices.Below(8))
        {
            case 0 when operations.Count > 2:
                operations.RemoveAt(Math.Min(at, operations.Count - 1));
                break;
            case 1:
                operations.RemoveRange(at, operations.Count - at);
                operations.AddRange(other.Sequence.Operations.Skip(choices.Below(other.Sequence.Operations.Count + 1)));
                break;
            case 2 when operations.Count > 0:
                operations.Insert(at, choices.AnyOf(operations));
                break;
            case 3 or 4:
                var about = GrammarRegistry.Find(program.About);
                operations.InsertRange(at, new LifeGenerator(choices, offered, about is not null && offered.Contains(about) ? about : null).Steps(1 + choices.Below(4)));
                break;
            default:
                Change(operations);
                break;
        }
    }

    private void Change(List<Operation> operations)
    {
        var places = Enumerable.Range(0, operations.Count).Where(i => operations[i] is Operation.LoadTable or Operation.Message or Operation.RawIoctl).ToArray();
        if (places.Length == 0)
            return;
        int at = choices.AnyOf(places);
        operations[at] = operations[at] switch
        {
            Operation.LoadTable load when choices.Percent(15) => _specs.Mutate([.. load.Lines]),
            Operation.LoadTable load => load with { Lines = ValueList.From(load.Lines.Select(line => choices.Percent(70) ? line with { Parameters = _writer.Change(line.Parameters) } : line)) },
            Operation.Message message => message with { Text = _writer.Change(message.Text) },
            Operation.RawIoctl raw => Flip(raw),
            var unchanged => unchanged,
        };
    }

    private Operation.RawIoctl Flip(Operation.RawIoctl raw)
    {
        byte[] bytes = [.. raw.Buffer];
        for (int left = 1 + choices.Below(4); left > 0 && bytes.Length > 0; left--)
            bytes[choices.Below(bytes.Length)] = (byte)choices.Below(256);
        return raw with { Buffer = ValueList.From(bytes) };
    }
}
