using DmSim.Abi;
using DmSim.Harness.Generators.Rules;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Generators.Areas;

/// <summary>Thin provisioning: small pools that soon run full, volumes and snapshots, messages, suspends in any order.</summary>
internal sealed class ThinArea : Area
{
    // Nobody writes to the loop devices below: that would compare the kernel's caches. Target lists are compared elsewhere.
    private static readonly string[] NotHere = ["write-loop", "discard-loop", "open-loop", "secure-erase", "targets"];

    public override string Name => "thin";
    public override string Summary => "thin pools and volumes: provisioning, snapshots, discards, messages, full pools, growth";

    public override IReadOnlyList<(Rule, int)> Rules { get; } =
    [
        .. Share(10, ThinRules.Tables), .. Share(20, ThinRules.Messages), .. Share(25, ThinRules.Io), .. Share(15, ThinRules.GrowthAndTime),
        .. Share(10, ThinGroundRules.All), .. Share(10, ThinRules.Suspends), .. Share(10, LifeRules.All), .. Share(1, WrongLifeRules.All), .. Share(3, QueryRules.All.Where(rule => !NotHere.Contains(rule.Name))),
        .. Share(2, IoRules.All.Where(rule => !NotHere.Contains(rule.Name))),
        .. Share(4, HandleRules.Handles.Where(rule => !NotHere.Contains(rule.Name))), .. Share(10, TimeRules.All),
    ];

    public override IReadOnlyList<(string, int)> Targets { get; } = [("linear", 1)];

    public override int MaxDevices => 6;

    /// <summary>A pool, a volume, and what else there is.</summary>
    public override int MinDevices => 3;

    /// <summary>Loop 0 for metadata, 1 for data, 2 for whatever else.</summary>
    public override ValueList<LoopSetup> Loops(Choices choices) =>
    [
        new(0, new Sectors(choices.Pick(136UL, 144, 152, 160, 176, 256, 512, 512, 512, 512, 512, 1024)).ToBytes()),
        new(1, new Sectors(choices.Pick(256UL, 256, 384, 512, 640, 1024, 1024, ThinScene.AmpleSectors)).ToBytes()),
        new(2, new Sectors(choices.Pick(96UL, 100, 256, 300, 512, 640, 700, 1280)).ToBytes()),
    ];
}
