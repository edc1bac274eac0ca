using DmSim.Abi;
using DmSim.Harness.Fuzzing.Grammar;
using DmSim.Harness.Generators;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Fuzzing.Programs;

/// <summary>Programs that live with their tables: load, resume, read and write, messages, reload over what is live, suspend, remove.</summary>
internal sealed class LifeGenerator
{
    private const int MostSteps = 28;

    private readonly Choices _choices;
    private readonly TableWriter _writer;
    private readonly FuzzWords _words;
    private readonly TargetGrammar _main;
    private readonly IReadOnlyList<TargetGrammar> _offered;
    private readonly List<Operation> _operations = [];
    private readonly (Action Draw, int Weight)[] _steps;
    private TargetGrammar _loaded;

    /// <param name="about">The type that it is about; null for any.</param>
    public LifeGenerator(Choices choices, IReadOnlyList<TargetGrammar> offered, TargetGrammar? about = null)
    {
        _choices = choices;
        _offered = offered;
        _writer = new TableWriter(choices);
        _words = new FuzzWords(choices);
        _main = _loaded = about ?? choices.AnyOf(offered);
        _steps =
        [
            (Load, 14), (Resume, 16), (Suspend, 6), (Write, 18), (Read, 10), (DiscardOrZero, 6), (Flush, 3), (Message, 12), (Status, 8), (Table, 6),
            (Deps, 2), (Info, 2), (Clear, 1), (Rename, 1), (Remove, 2), (Advance, 3), (Geometry, 1), (Statistics, 3),
        ];
    }

    public FuzzProgram Draw()
    {
        ProgramGenerator.AddGround(_operations, _main);
        _operations.Add(ProgramGenerator.Create(Ground.Subject));
        AddLoad(_main, Flavour.Valid);
        Resume();
        for (int left = _choices.Between(4, MostSteps); left > 0; left--)
            _choices.Weighted(_steps)();
        return new FuzzProgram(_main.Name, ProgramGenerator.Sequence(_operations), Hurried: false);
    }

    /// <summary>Some steps alone, as if the device had a table of that type.</summary>
    public IReadOnlyList<Operation> Steps(int count)
    {
        for (; count > 0; count--)
            _choices.Weighted(_steps)();
        return _operations;
    }

    private static string Subject => Ground.NameOf(Ground.Subject);

    private IoTarget Target => DeviceRef.ByNumber(DeviceNumber.Dm((uint)(_main.NeedsPool && _choices.Percent(5) ? Ground.Pool : Ground.Subject)));

    /// <summary>Mostly the device that is fuzzed, now and then the pool below.</summary>
    private string Name => _main.NeedsPool && _choices.Percent(25) ? Ground.NameOf(Ground.Pool) : Subject;

    private void Load()
    {
        var grammar = _choices.Percent(75) ? _main : _choices.AnyOf(_offered);
        if (!grammar.NeedsPool || _main.NeedsPool)
            AddLoad(grammar, _choices.Below(10) switch { < 6 => Flavour.Valid, < 9 => Flavour.AlmostValid, _ => Flavour.Hostile });
        if (_choices.Percent(70))
            Resume();
    }

    private void AddLoad(TargetGrammar grammar, Flavour flavour)
    {
        var load = new Operation.LoadTable(Subject, ProgramGenerator.Lines(_writer, grammar, flavour, _choices), ReadOnly: _choices.Percent(5));
        if (KernelHazards.Find(load, runs: true) is not null)
            return;
        _operations.Add(load);
        _loaded = grammar;
    }

    private void Resume() => _operations.Add(new Operation.Resume(Name, NoFlush: _choices.Percent(10), NoLockfs: _choices.Percent(10)));

    /// <summary>What is suspended is resumed soon: until then most of the rest would only wait.</summary>
    private void Suspend()
    {
        string name = Name;
        _operations.Add(new Operation.Suspend(name, NoFlush: _choices.Percent(30), NoLockfs: _choices.Percent(20)));
        if (_choices.Percent(40))
            Message();
        if (_choices.Percent(40))
            Load();
        _operations.Add(new Operation.Resume(name));
    }

    private (Bytes Offset, Bytes Length) Range()
    {
        ulong sectors = _choices.Pick(1UL, 8, 8, 16, 64, 128, 129, 256);
        ulong start = _choices.Pick(0UL, 8, 64, 120, 127, 128, 512, 1023, _choices.Below(Ground.DataSectors));
        return (new Sectors(start).ToBytes(), new Sectors(sectors).ToBytes());
    }

    private void Write()
    {
        var (offset, length) = Range();
        _operations.Add(new Operation.Write(Target, offset, length, (ulong)_choices.Between(0, 9)));
    }

    private void Read()
    {
        var (offset, length) = Range();
        _operations.Add(new Operation.Read(Target, offset, length));
    }

    private void DiscardOrZero()
    {
        var (offset, length) = Range();
        _operations.Add(_choices.Below(5) switch
        {
            0 => new Operation.ZeroOut(Target, offset, length),
            1 => new Operation.SecureErase(Target, offset, length),
            _ => new Operation.Discard(Target, offset, length),
        });
    }

    private void Flush() => _operations.Add(new Operation.Flush(Target));

    private void Message()
    {
        // What stands on a pool lives by the messages to it.
        bool below = _main.NeedsPool && _choices.Percent(60);
        var grammar = below ? ThinPool : _loaded;
        string text = grammar.Messages.Count > 0
            ? _writer.Text(_choices.AnyOf(grammar.Messages), _choices.Percent(80) ? Flavour.Valid : Flavour.AlmostValid) : _words.Sentence();
        _operations.Add(new Operation.Message(below ? Ground.NameOf(Ground.Pool) : Subject, Sectors.Zero, text));
    }

    private static TargetGrammar ThinPool { get; } = GrammarRegistry.Find("thin-pool")!;

    private void Status() => _operations.Add(new Operation.Status(Name, Inactive: _choices.Percent(20), NoFlush: _choices.Percent(20)));

    private void Table() => _operations.Add(new Operation.Table(Name, Inactive: _choices.Percent(30)));

    private void Deps() => _operations.Add(new Operation.Deps(Name, Inactive: _choices.Percent(30)));

    private void Info() => _operations.Add(new Operation.Info(Name));

    private void Clear() => _operations.Add(new Operation.Clear(Subject));

    /// <summary>There and back, so that what follows finds it.</summary>
    private void Rename()
    {
        _operations.Add(new Operation.Rename(Subject, "other"));
        _operations.Add(new Operation.Rename("other", Subject));
    }

    private void Remove()
    {
        _operations.Add(new Operation.Remove(Subject, Deferred: _choices.Percent(30)));
        _operations.Add(ProgramGenerator.Create(Ground.Subject));
        Load();
    }

    private void Advance() => _operations.Add(new Operation.Advance(TimeSpan.FromMilliseconds(_choices.Pick(10, 1100, 5000))));

    private void Geometry() => _operations.Add(new Operation.SetGeometry(Subject, _choices.Pick("100 16 63 0", "1 1 1 0", "0 0 0 0", "65536 256 256 1")));

    private void Statistics() => _operations.Add(new Operation.Message(Subject, Sectors.Zero, _choices.Pick(
        "@stats_create - /4", "@stats_create 0+128 8 precise_timestamps histogram:1,2,3", "@stats_list", "@stats_print 0", "@stats_clear 0", "@stats_delete 0", "@cancel_deferred_remove",
        "@stats_print_clear 0 0 1", "@stats_set_aux 0 x")));
}
