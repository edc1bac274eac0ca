using DmSim.Abi;
using DmSim.Harness.Fuzzing.Grammar;
using DmSim.Harness.Generators;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Fuzzing.Programs;

/// <summary>
/// Makes programs out of the grammar, each a function of the seed and its number alone. Some only load tables, as many as a machine can
/// take; others live with what they have loaded.
/// </summary>
/// <param name="offered">The target types that the machine has.</param>
public sealed class ProgramGenerator(FuzzKind kind, ulong seed, IReadOnlyList<TargetGrammar> offered)
{
    /// <summary>Tables in a program that only loads: what surrounds them (loop devices above all) costs as much as a hundred loads.</summary>
    public const int LoadsPerProgram = 400;

    private const int BuffersPerProgram = 48;
    private const int MessagesPerProgram = 40;

    public IReadOnlyList<TargetGrammar> Offered => offered;

    public FuzzProgram this[long number]
    {
        get
        {
            var choices = new Choices(unchecked(seed * 0xD1342543DE82EF95 ^ ((ulong)number * 0x9E3779B97F4A7C15)));
            return kind switch
            {
                FuzzKind.Message => Messages(choices),
                FuzzKind.Ioctl => Buffers(choices),
                _ => choices.Percent(LifePercent) ? new LifeGenerator(choices, offered).Draw() : Loads(choices),
            };
        }
    }

    /// <summary>Of a hundred programs, so many run what they load. 0 for measuring loads alone.</summary>
    public int LifePercent { get; init; } = 60;

    private FuzzProgram Loads(Choices choices)
    {
        var grammar = choices.AnyOf(offered);
        var writer = new TableWriter(choices);
        var mutator = new SpecMutator(choices);
        var operations = new List<Operation>(LoadsPerProgram + 8);
        AddGround(operations, grammar);
        operations.Add(Create(Ground.Subject));
        for (int i = 0; i < LoadsPerProgram; i++)
        {
            var flavour = choices.Below(10) switch { < 2 => Flavour.Valid, < 7 => Flavour.AlmostValid, _ => Flavour.Hostile };
            var lines = Lines(writer, grammar, flavour, choices);
            Operation load = new Operation.LoadTable(Ground.NameOf(Ground.Subject), lines, ReadOnly: choices.Percent(8));
            AddUnlessHazard(operations, choices.Percent(15) ? mutator.Mutate([.. lines]) : load, load, runs: grammar.NeedsPool);
            if (choices.Percent(25))
                operations.Add(new Operation.Table(Ground.NameOf(Ground.Subject), Inactive: true));
        }
        return new FuzzProgram(grammar.Name, Sequence(operations), Hurried: !grammar.NeedsPool);
    }

    /// <summary>What becomes of a table can be a hazard that its parts are not: then the other one is sent, if that is none.</summary>
    private static void AddUnlessHazard(List<Operation> operations, Operation first, Operation other, bool runs)
    {
        if (KernelHazards.Find(other, runs) is null && (ReferenceEquals(first, other) || KernelHazards.Find(first, runs) is null))
            operations.Add(first);
    }

    internal static ValueList<TableLine> Lines(TableWriter writer, TargetGrammar grammar, Flavour flavour, Choices choices)
    {
        var lines = new TableLine[choices.Percent(85) ? 1 : choices.Between(2, 3)];
        ulong at = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            lines[i] = writer.Line(grammar, i == 0 ? flavour : Flavour.Valid, at);
            at = lines[i].End.Value;
        }
        return ValueList.From(lines);
    }

    internal static Operation.Create Create(int minor) => new(Ground.NameOf(minor), null, (uint)minor);

    /// <summary>A pool below, where the target is nothing without one.</summary>
    internal static void AddGround(List<Operation> operations, TargetGrammar grammar)
    {
        if (!grammar.NeedsPool)
            return;
        string pool = Ground.NameOf(Ground.Pool);
        operations.Add(Create(Ground.Pool));
        operations.Add(new Operation.LoadTable(pool, [Ground.PoolLine]));
        operations.Add(new Operation.Resume(pool));
        operations.Add(new Operation.Message(pool, Sectors.Zero, "create_thin 0"));
        operations.Add(new Operation.Message(pool, Sectors.Zero, "create_thin 1"));
    }

    internal static OperationSequence Sequence(List<Operation> operations) => new(Ground.Loops, ValueList.From(operations));

    private FuzzProgram Messages(Choices choices)
    {
        var taking = offered.Where(grammar => grammar.Messages.Count > 0).ToArray();
        // The core's own messages (@stats_create and its like) are taken by all.
        var grammar = taking.Length > 0 && choices.Percent(85) ? choices.AnyOf(taking) : choices.AnyOf(offered);
        var writer = new TableWriter(choices);
        var words = new FuzzWords(choices);
        string name = Ground.NameOf(Ground.Subject);
        var operations = new List<Operation>();
        AddGround(operations, grammar);
        operations.Add(Create(Ground.Subject));
        operations.Add(new Operation.LoadTable(name, [writer.Line(grammar, Flavour.Valid)]));
        operations.Add(new Operation.Resume(name));
        for (int i = 0; i < MessagesPerProgram; i++)
        {
            string text = grammar.Messages.Count > 0 && choices.Percent(85)
                ? writer.Text(choices.AnyOf(grammar.Messages), choices.Pick(Flavour.Valid, Flavour.AlmostValid, Flavour.Hostile)) : words.Sentence();
            operations.Add(new Operation.Message(name, new Sectors(choices.Percent(95) ? 0 : words.Edge()), text));
            if (choices.Percent(15))
                operations.Add(choices.Percent(50) ? new Operation.Status(name) : new Operation.Table(name));
            if (choices.Percent(3))
                operations.Add(choices.Percent(50) ? new Operation.Suspend(name) : new Operation.Resume(name));
        }
        return new FuzzProgram(grammar.Name, Sequence(operations), Hurried: false);
    }

    private static FuzzProgram Buffers(Choices choices)
    {
        var mutator = new BufferMutator(choices);
        var operations = new List<Operation>(BuffersPerProgram);
        for (int i = 0; i < BuffersPerProgram; i++)
        {
            var buffer = mutator.Next();
            var operation = new Operation.RawIoctl(buffer.Request, ValueList.From(buffer.Bytes));
            if (KernelHazards.Find(operation, runs: true) is null)
                operations.Add(operation);
        }
        return new FuzzProgram("", Sequence(operations), Hurried: false);
    }
}
