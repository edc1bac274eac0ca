using DmSim.Abi;
using DmSim.Harness.Generators.Rules;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Generators.Areas;

/// <summary>Classic snapshots: small COW devices that soon run full, several snapshots of one origin, handovers, merges, failures below.</summary>
internal sealed class SnapshotArea : Area
{
    // Target lists are compared elsewhere. A device that is renamed after its inactive table was cleared takes the kernel down:
    // dm_ima_measure_on_device_rename frees what dm_ima_measure_on_table_clear has made both tables share (drivers/md/dm-ima.c, 6.1).
    private static readonly string[] NotHere = ["secure-erase", "targets", "write-loop", "discard-loop", "rename", "set-uuid"];

    public override string Name => "snapshot";
    public override string Summary => "origins, snapshots and merges: copy on write, full and failing COW devices, handovers, stores";

    public override IReadOnlyList<(Rule, int)> Rules { get; } =
    [
        .. Share(10, SnapshotRules.Tables), .. Share(10, SnapshotRules.Handovers), .. Share(25, SnapshotRules.Io), .. Share(10, SnapshotRules.Below),
        .. Share(10, LifeRules.All.Where(rule => !NotHere.Contains(rule.Name))), .. Share(1, WrongLifeRules.All), .. Share(3, QueryRules.All.Where(rule => !NotHere.Contains(rule.Name))),
        .. Share(2, IoRules.All.Where(rule => !NotHere.Contains(rule.Name))), .. Share(3, HandleRules.Handles), .. Share(5, TimeRules.All),
        .. Share(10, SnapshotPoolRules.All),
    ];

    public override IReadOnlyList<(string, int)> Targets { get; } = [("linear", 1)];

    public override int MaxDevices => 6;

    /// <summary>
    /// Loop 0 for origins, the next three for COW devices. Where the last of these is small, a case has loop devices for a pool too: the others
    /// are the same with it or without.
    /// </summary>
    public override ValueList<LoopSetup> Loops(Choices choices)
    {
        ulong[] sizes =
        [
            choices.Pick(128UL, 200, 256, 256, 256, 300, 512), choices.Pick(48UL, 64, 100, 128, 256, 512),
            choices.Pick(4UL, 24, 48, 64, 100, 128, 256), choices.Pick(SmallSectors, 128, 256, 256),
        ];
        ulong[] forPool = sizes[^1] == SmallSectors ? [512, sizes[0]] : [];
        return ValueList.From(sizes.Concat(forPool).Select((size, index) => new LoopSetup(index, new Sectors(size).ToBytes())));
    }

    private const ulong SmallSectors = 64;
}
