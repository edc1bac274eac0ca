using DmSim.Abi;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Tables;

/// <summary>One way of spoiling a sound table.</summary>
internal sealed record TableFault(string Name, int Weight, Func<Scene, DeviceState, List<TableLine>, List<TableLine>> Spoil);

/// <summary>Tables that the kernel ought to refuse, by what is wrong with them.</summary>
internal static class WrongTables
{
    /// <summary>Longer than the type's field, in another case, with what is no part of a name.</summary>
    private static readonly string[] UnknownTypes =
        ["", "nosuch", "Linear", "linear ", " linear", "line", "linearx", "exactly16letters", "seventeen-letters", "zero\n", "../zero", "%s"];

    public static IReadOnlyList<TableFault> All { get; } =
    [
        new("empty", 2, (_, _, _) => []),
        new("gap", 4, (scene, _, lines) => Move(lines, scene.Choices.Below(lines.Count), scene.Choices.Pick(1UL, 8))),
        new("overlap", 4, Overlap),
        new("order", 2, (_, owner, lines) => { lines.Reverse(); return lines; }),
        new("zero-length", 4, (scene, _, lines) => Change(scene, lines, line => line with { Length = Sectors.Zero })),
        new("too-large", 4, TooLarge),
        new("unknown-type", 5, (scene, _, lines) => Change(scene, lines, line => line with { Type = scene.Choices.AnyOf(UnknownTypes) })),
        new("past-end", 8, PastEnd),
        new("words", 14, Words),
        new("of-the-type", 12, OfTheType),
        new("self", 4, Self),
        new("loop", 4, Loop),
    ];

    public static List<TableLine>? Draw(Scene scene, DeviceState owner, TableFault fault)
    {
        var lines = fault.Spoil(scene, owner, TableDrafts.Sound(scene, owner));
        return lines;
    }

    private static List<TableLine> Move(List<TableLine> lines, int from, ulong by)
    {
        for (int i = from; i < lines.Count; i++)
            lines[i] = lines[i] with { Start = new Sectors(unchecked(lines[i].Start.Value + by)) };
        return lines;
    }

    private static List<TableLine> Overlap(Scene scene, DeviceState owner, List<TableLine> lines)
    {
        if (lines.Count == 1)
            lines.Add(TableDrafts.Line(scene, owner, lines[0].End));
        return Move(lines, 1 + scene.Choices.Below(lines.Count - 1), scene.Choices.Pick(ulong.MaxValue, unchecked(0UL - lines[0].Length.Value)));
    }

    private static List<TableLine> Change(Scene scene, List<TableLine> lines, Func<TableLine, TableLine> change)
    {
        int at = scene.Choices.Below(lines.Count);
        lines[at] = change(lines[at]);
        return lines;
    }

    private static List<TableLine> TooLarge(Scene scene, DeviceState owner, List<TableLine> lines)
    {
        var last = lines[^1];
        ulong most = Lengths.MaxSectors - last.Start.Value;
        lines[^1] = last with
        {
            Length = new Sectors(scene.Choices.Pick(most, most + 1, ulong.MaxValue, ulong.MaxValue - last.Start.Value, 1UL << 63, 1UL << 55)),
        };
        return lines;
    }

    /// <summary>A line that ends, or begins, behind the end of the device below.</summary>
    private static List<TableLine> PastEnd(Scene scene, DeviceState owner, List<TableLine> lines)
    {
        var choices = scene.Choices;
        var length = Lengths.Usual(choices);
        var place = Ground.Find(scene, owner, ref length);
        ulong offset = place.Offset.Value + choices.Pick(1UL, 512, 1024, 1UL << 40);
        ulong longer = length.Value + choices.Pick(0UL, 0, 1, 600);
        string tail = choices.Below(3) switch { 0 => " 20", 1 => " 1 1", _ => "" };
        string type = tail switch { " 20" => "delay", " 1 1" => "flakey", _ => "linear" };
        lines.Add(new TableLine(lines[^1].End, new Sectors(longer), type, $"{place.Device} {offset}{tail}"));
        return lines;
    }

    private static List<TableLine> Words(Scene scene, DeviceState owner, List<TableLine> lines) => Change(scene, lines, line =>
        line with { Parameters = WrongWords.Spoil(scene, owner, line.Parameters) });

    private static List<TableLine> OfTheType(Scene scene, DeviceState owner, List<TableLine> lines) => Change(scene, lines, line =>
        line with
        {
            Parameters = LineGenerators.Of(line.Type).Wrong(scene, owner, line.Length) ?? WrongWords.Spoil(scene, owner, line.Parameters),
        });

    private static List<TableLine> Self(Scene scene, DeviceState owner, List<TableLine> lines) =>
        On(scene, owner, lines);

    /// <summary>The device below rests, by some way, on the device that the table is for.</summary>
    private static List<TableLine> Loop(Scene scene, DeviceState owner, List<TableLine> lines) =>
        On(scene, scene.Any(d => d.Number != owner.Number && scene.RestsOn(d.Number, owner.Number)) ?? owner, lines);

    private static List<TableLine> On(Scene scene, DeviceState below, List<TableLine> lines)
    {
        int at = scene.Choices.Below(lines.Count);
        lines[at] = lines[at] with { Type = "linear", Parameters = Operations.Naming.InTable(below.Name) + " 0" };
        return lines;
    }
}
