using DmSim.Abi;

namespace DmSim.Harness.Exhaustive;

/// <summary>The tables of one target type that the transition graph is walked with: two sound ones of different size, a refused one.</summary>
/// <param name="Refused">One that the type's own constructor refuses, or where it refuses nothing, one with a gap.</param>
public sealed record TargetTables(string Type, TableLine First, TableLine Second, TableLine Refused)
{
    /// <summary>
    /// Delays end between the instants at which calls are made (<see cref="Lowering.SlotSchedule"/>); flakey is up for longer than a
    /// case takes, or never.
    /// </summary>
    public static IReadOnlyList<TargetTables> All { get; } =
    [
        Of("linear", "7:0 0", "7:1 16", "7:0"),
        Of("striped", "2 8 7:0 0 7:1 0", "1 16 7:0 64", "2 8 7:0 0"),
        Of("zero", "", "", "x", refusedStart: 8),
        Of("error", "", "", "x", refusedStart: 8),
        Of("delay", "7:0 0 20", "7:0 0 0 7:1 0 20", "7:0 0"),
        Of("flakey", "7:0 0 3600 1", "7:0 8 0 1 1 error_writes", "7:0 0 0 0"),
    ];

    private static TargetTables Of(string type, string first, string second, string refused, ulong refusedStart = 0) => new(
        type, Line(0, 64, type, first), Line(0, 32, type, second), Line(refusedStart, 64, type, refused));

    private static TableLine Line(ulong start, ulong length, string type, string parameters) =>
        new(new Sectors(start), new Sectors(length), type, parameters);
}
