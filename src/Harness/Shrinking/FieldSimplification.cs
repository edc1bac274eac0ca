using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Shrinking;

/// <summary>Goes over the fields of one operation: finds those that have a simpler form, and gives it to those that are chosen.</summary>
/// <param name="chosen">Fields to simplify, counted as they are met.</param>
/// <param name="found">Where fields that have a simpler form are noted; null to note none.</param>
internal abstract class SimplifyWalk(IReadOnlySet<int> chosen, List<int>? found) : RewriteWalk
{
    private int _field;

    protected T Offer<T>(T value, T simpler)
    {
        int field = _field++;
        if (EqualityComparer<T>.Default.Equals(value, simpler))
            return value;
        found?.Add(field);
        return chosen.Contains(field) ? simpler : value;
    }
}

/// <summary>A simplification that looks at one field at a time.</summary>
internal sealed class FieldSimplification(Func<List<int>?, IReadOnlySet<int>, SimplifyWalk> walk) : Simplification
{
    private static readonly HashSet<int> None = [];

    public override IReadOnlyList<EditPlace> Places(OperationSequence sequence)
    {
        var places = new List<EditPlace>();
        for (int i = 0; i < sequence.Operations.Count; i++)
        {
            var found = new List<int>();
            OperationText.Walk(sequence.Operations[i], walk(found, None));
            places.AddRange(found.Select(field => new EditPlace(i, field)));
        }
        return places;
    }

    public override OperationSequence Apply(OperationSequence sequence, IReadOnlyList<EditPlace> places) =>
        sequence.With(sequence.Operations.Select((operation, i) =>
        {
            var fields = places.Where(place => place.Operation == i).Select(place => place.Field).ToHashSet();
            return fields.Count == 0 ? operation : OperationText.Walk(operation, walk(null, fields));
        }));
}

/// <summary>No flags, no uuid, no minor asked for, seed 1, event 0, opened to read only.</summary>
internal sealed class PlainFields(IReadOnlySet<int> chosen, List<int>? found) : SimplifyWalk(chosen, found)
{
    public override bool Switch(string key, bool value) => Offer(value, false);
    public override string? OptionalText(string key, string? value) => Offer(value, null);
    public override uint? OptionalNumber(string key, uint? value) => Offer(value, null);
    public override uint Bits(string key, uint value) => Offer(value, 0u);
    public override ulong Number(string key, ulong value) => Offer(value, key == "seed" ? 1u : 0ul);
    public override OpenMode Mode(string key, OpenMode value) => Offer(value, OpenMode.Read);
    public override TimeSpan Milliseconds(string key, TimeSpan value) => Offer(value, TimeSpan.Zero);
}

/// <summary>I/O at the beginning, and of so many sectors.</summary>
internal sealed class SmallSizes(IReadOnlySet<int> chosen, List<int>? found, ulong length) : SimplifyWalk(chosen, found)
{
    public override Bytes Size(string key, Bytes value)
    {
        var simplest = key == "off" ? default : new Sectors(length).ToBytes();
        return Offer(value, simplest < value ? simplest : value);
    }
}

/// <summary>One line of type zero, as long as the table was.</summary>
internal sealed class ZeroTables(IReadOnlySet<int> chosen, List<int>? found) : SimplifyWalk(chosen, found)
{
    public override ValueList<TableLine> Lines(string key, ValueList<TableLine> value)
    {
        ulong end = value.Count == 0 ? 0 : unchecked(value[^1].Start.Value + value[^1].Length.Value);
        return Offer(value, end == 0 ? value : [new TableLine(Sectors.Zero, new Sectors(end), "zero", "")]);
    }
}

/// <summary>Only the first line of the table.</summary>
internal sealed class OneLineTables(IReadOnlySet<int> chosen, List<int>? found) : SimplifyWalk(chosen, found)
{
    public override ValueList<TableLine> Lines(string key, ValueList<TableLine> value) => Offer(value, ValueList.From(value.Take(1)));
}

/// <summary>No optional words after the first device and its offset: fewer stripes, no features, no second delay.</summary>
internal sealed class BareTables(IReadOnlySet<int> chosen, List<int>? found) : SimplifyWalk(chosen, found)
{
    public override ValueList<TableLine> Lines(string key, ValueList<TableLine> value)
    {
        var lines = value;
        for (int i = 0; i < value.Count; i++)
        {
            var bare = Offer(value[i], value[i] with { Parameters = Bare(value[i]) });
            int at = i;
            lines = ValueList.From(lines.Select((line, n) => n == at ? bare : line));
        }
        return lines;
    }

    private static string Bare(TableLine line)
    {
        string[] words = line.Parameters.Split(' ');
        return (line.Type, words) switch
        {
            ("linear", [var device, _]) => $"{device} 0",
            ("striped", [_, var chunk, var device, _, ..]) => $"1 {chunk} {device} 0",
            ("delay", [var device, _, var delay, ..]) => $"{device} 0 {delay}",
            ("flakey", [var device, _, var up, var down, ..]) => $"{device} 0 {up} {down}",
            _ => line.Parameters,
        };
    }
}

/// <summary>A table of one line that is only eight sectors long.</summary>
internal sealed class ShortTables(IReadOnlySet<int> chosen, List<int>? found) : SimplifyWalk(chosen, found)
{
    private static readonly Sectors Short = new(8);

    public override ValueList<TableLine> Lines(string key, ValueList<TableLine> value) =>
        Offer(value, value is [var only] && only.Length > Short ? [only with { Length = Short }] : value);
}
