using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Shrinking;

/// <summary>Puts other names in the place of names: in references, as new names, and in braces in tables.</summary>
internal sealed class RenameWalk(IReadOnlyDictionary<string, string> names, IReadOnlyDictionary<int, int> handles) : RewriteWalk
{
    public override string Text(string key, string value) => key is "name" or "to" ? Map(value) : value;
    public override int Handle(string key, int value) => key == "handle" ? handles.GetValueOrDefault(value, value) : value;
    public override DeviceRef Device(DeviceRef value) => value.Name is { } name ? value with { Name = Map(name) } : value;

    public override IoTarget Target(IoTarget value) =>
        value.Handle is { } handle ? IoTarget.OnHandle(Handle("handle", handle)) : base.Target(value);

    public override ValueList<TableLine> Lines(string key, ValueList<TableLine> value) => ValueList.From(value.Select(line =>
        line with { Parameters = string.Join(' ', line.Parameters.Split(' ').Select(InTable)) }));

    private string Map(string name) => names.GetValueOrDefault(name, name);

    private string InTable(string word) => word is ['{', .. var name, '}'] ? Naming.InTable(Map(name)) : word;
}

/// <summary>A rename taken out, with the old name in the place of the new one from there on.</summary>
internal sealed class NoRenames : Simplification
{
    private static readonly Dictionary<int, int> NoHandles = [];

    public override IReadOnlyList<EditPlace> Places(OperationSequence sequence) => [.. Enumerable.Range(0, sequence.Operations.Count)
        .Where(i => sequence.Operations[i] is Operation.Rename { Device: { Name: not null, Uuid: null, Number: null } })
        .Select(i => new EditPlace(i, 0))];

    public override OperationSequence Apply(OperationSequence sequence, IReadOnlyList<EditPlace> places)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var kept = new List<Operation>();
        for (int i = 0; i < sequence.Operations.Count; i++)
        {
            var operation = OperationText.Walk(sequence.Operations[i], new RenameWalk(names, NoHandles));
            if (sequence.Operations[i] is Operation.Rename rename && places.Any(place => place.Operation == i))
                names[rename.NewName] = ((Operation.Rename)operation).Device.Name!;
            else
                kept.Add(operation);
        }
        return sequence.With(kept);
    }
}

/// <summary>Devices and handles called d0, d1, … and 1, 2, … in the order in which they come.</summary>
internal sealed class PlainNames : Simplification
{
    private sealed class Reader : RewriteWalk
    {
        public List<string> Names { get; } = [];
        public List<int> Handles { get; } = [];

        public override string Text(string key, string value)
        {
            if (key is "name" or "to")
                AddName(value);
            return value;
        }

        public override int Handle(string key, int value)
        {
            if (key == "handle" && !Handles.Contains(value))
                Handles.Add(value);
            return value;
        }

        public override DeviceRef Device(DeviceRef value)
        {
            if (value.Name is { } name)
                AddName(name);
            return value;
        }

        private void AddName(string name)
        {
            // What is no ordinary name may be so for a reason: then the reason is what fails.
            if (name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && !Names.Contains(name))
                Names.Add(name);
        }
    }

    private static RenameWalk Renaming(OperationSequence sequence)
    {
        var reader = new Reader();
        foreach (var operation in sequence.Operations)
            OperationText.Walk(operation, reader);
        return new RenameWalk(
            reader.Names.Select((name, i) => (name, i)).ToDictionary(x => x.name, x => Naming.Name(x.i)),
            reader.Handles.Select((handle, i) => (handle, i)).ToDictionary(x => x.handle, x => x.i + 1));
    }

    private static OperationSequence Renamed(OperationSequence sequence)
    {
        var writer = Renaming(sequence);
        return sequence.With(sequence.Operations.Select(operation => OperationText.Walk(operation, writer)));
    }

    /// <summary>All names at once or none: half of them would make two devices of one name.</summary>
    public override IReadOnlyList<EditPlace> Places(OperationSequence sequence) => Renamed(sequence) == sequence ? [] : [default];

    public override OperationSequence Apply(OperationSequence sequence, IReadOnlyList<EditPlace> places) => Renamed(sequence);
}
