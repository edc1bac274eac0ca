using DmSim.Harness.Fuzzing.Grammar.Families;

namespace DmSim.Harness.Fuzzing.Grammar;

/// <summary>The target types that are described, one line each. A kernel that lacks one is not asked for it.</summary>
public static class GrammarRegistry
{
    public static IReadOnlyList<TargetGrammar> All { get; } =
    [
        SimpleFamilies.Linear,
        SimpleFamilies.Striped,
        SimpleFamilies.Zero,
        SimpleFamilies.Error,
        SimpleFamilies.Unstriped,
        SimpleFamilies.Switch,
        SlowAndFaultyFamilies.Delay,
        SlowAndFaultyFamilies.Flakey,
        SlowAndFaultyFamilies.LogWrites,
        SlowAndFaultyFamilies.Dust,
        ThinFamilies.Pool,
        ThinFamilies.Thin,
        SnapshotFamilies.Snapshot,
        SnapshotFamilies.Origin,
        SnapshotFamilies.Merge,
        CachingFamilies.Cache,
        CachingFamilies.Writecache,
        CachingFamilies.Era,
        CachingFamilies.Clone,
        CachingFamilies.Ebs,
        CachingFamilies.Pcache,
        CachingFamilies.Vdo,
        ProtectingFamilies.Crypt,
        ProtectingFamilies.Integrity,
        ProtectingFamilies.Verity,
        RedundantFamilies.Mirror,
        RedundantFamilies.Raid,
        RedundantFamilies.Multipath,
        RedundantFamilies.Zoned,
    ];

    public static TargetGrammar? Find(string name) => All.FirstOrDefault(grammar => grammar.Name == name);
}
