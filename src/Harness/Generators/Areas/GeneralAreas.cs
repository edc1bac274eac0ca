using DmSim.Harness.Generators.Rules;

namespace DmSim.Harness.Generators.Areas;

/// <summary>A bit of everything.</summary>
internal sealed class AllArea : Area
{
    public override string Name => "all";
    public override string Summary => "everything at once";

    public override IReadOnlyList<(Rule, int)> Rules { get; } =
    [
        .. Share(10, LifeRules.All), .. Share(10, WrongLifeRules.All), .. Share(10, QueryRules.All),
        .. Share(10, TableRules.Sound), .. Share(10, TableRules.Wrong), .. Share(10, IoRules.All),
        .. Share(10, HandleRules.Handles), .. Share(5, HandleRules.Loops), .. Share(10, TimeRules.All), .. Share(2, RawRules.All),
    ];

    public override IReadOnlyList<(string, int)> Targets { get; } =
        [("linear", 6), ("striped", 4), ("zero", 3), ("error", 2), ("delay", 3), ("flakey", 3)];

    public override int StackedPercent => 30;
}

/// <summary>The life of devices: creation to removal, names, events, polling; tables only as far as life needs them.</summary>
internal sealed class ControlArea : Area
{
    public override string Name => "control";
    public override string Summary => "the life of devices: create, suspend, resume, rename, remove, flags, events, polling";

    public override IReadOnlyList<(Rule, int)> Rules { get; } =
    [
        .. Share(15, LifeRules.All), .. Share(15, WrongLifeRules.All), .. Share(15, QueryRules.All),
        .. Share(8, TableRules.Sound), .. Share(2, TableRules.Wrong), .. Share(2, IoRules.All),
        .. Share(12, HandleRules.Handles), .. Share(5, TimeRules.All),
    ];

    public override IReadOnlyList<(string, int)> Targets { get; } = [("zero", 4), ("linear", 4), ("error", 1)];

    public override int MaxDevices => 6;
}

/// <summary>Table texts of every target, right and wrong.</summary>
internal sealed class TablesArea : Area
{
    public override string Name => "tables";
    public override string Summary => "table texts of every target: what is taken, how it is printed, why it is refused";

    public override IReadOnlyList<(Rule, int)> Rules { get; } =
    [
        .. Share(6, LifeRules.All), .. Share(1, WrongLifeRules.All), .. Share(5, QueryRules.All),
        .. Share(30, TableRules.Sound), .. Share(30, TableRules.Wrong), .. Share(1, IoRules.All), .. Share(3, HandleRules.Loops),
    ];

    public override IReadOnlyList<(string, int)> Targets { get; } =
        [("linear", 3), ("striped", 3), ("zero", 1), ("error", 1), ("delay", 3), ("flakey", 4)];

    public override int StackedPercent => 25;
}

/// <summary>Data: reads, writes, discards over tables of several lines, held handles, blocked and failing I/O.</summary>
internal sealed class IoArea : Area
{
    public override string Name => "io";
    public override string Summary => "data through every target: splits, failures, discards, handles, suspended devices";

    public override IReadOnlyList<(Rule, int)> Rules { get; } =
    [
        .. Share(8, LifeRules.All), .. Share(1, WrongLifeRules.All), .. Share(2, QueryRules.All),
        .. Share(10, TableRules.Sound), .. Share(1, TableRules.Wrong), .. Share(40, IoRules.All),
        .. Share(10, HandleRules.Handles), .. Share(4, HandleRules.Loops), .. Share(10, TimeRules.All),
    ];

    public override IReadOnlyList<(string, int)> Targets { get; } =
        [("linear", 6), ("striped", 6), ("zero", 2), ("error", 2), ("delay", 2), ("flakey", 2)];
}

/// <summary>Devices on devices.</summary>
internal sealed class StackArea : Area
{
    public override string Name => "stack";
    public override string Summary => "devices on devices: sizes, limits, suspends in between, loops refused";

    public override IReadOnlyList<(Rule, int)> Rules { get; } =
    [
        .. Share(10, LifeRules.All), .. Share(3, WrongLifeRules.All), .. Share(5, QueryRules.All),
        .. Share(20, TableRules.Sound), .. Share(8, TableRules.Wrong), .. Share(15, IoRules.All),
        .. Share(8, HandleRules.Handles), .. Share(3, HandleRules.Loops), .. Share(8, TimeRules.All),
    ];

    public override IReadOnlyList<(string, int)> Targets { get; } =
        [("linear", 8), ("striped", 4), ("zero", 1), ("error", 1), ("delay", 1), ("flakey", 1)];

    public override int StackedPercent => 75;

    public override int MaxDevices => 6;
}

/// <summary>The ioctl's bytes: sound requests with a few bytes changed, cut or grown.</summary>
internal sealed class RawArea : Area
{
    public override string Name => "raw";
    public override string Summary => "raw ioctl bytes: sound requests with fields and payloads spoilt";

    public override IReadOnlyList<(Rule, int)> Rules { get; } =
    [
        .. Share(10, LifeRules.All), .. Share(3, TableRules.Sound), .. Share(60, RawRules.All),
    ];

    public override IReadOnlyList<(string, int)> Targets { get; } =
        [("linear", 3), ("zero", 3), ("error", 1), ("striped", 1), ("flakey", 1)];
}
