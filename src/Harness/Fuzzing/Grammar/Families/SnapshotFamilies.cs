using static DmSim.Harness.Fuzzing.Grammar.Words;

namespace DmSim.Harness.Fuzzing.Grammar.Families;

/// <summary>Snapshots with an exception store (drivers/md/dm-snap.c, dm-exception-store.c, 6.1).</summary>
internal static class SnapshotFamilies
{
    private static Part Words => All(Data("origin"), Store("cow"), OneOf("P", "N", "PO", "NO"), UInt("chunk", 0, Max32, 8, 8, 16, 32),
        Maybe(Features("features", Word("discard_zeroes_cow"), Word("discard_passdown_origin"))));

    public static TargetGrammar Snapshot { get; } = new("snapshot", Words, 1024, 4096);

    public static TargetGrammar Merge { get; } = new("snapshot-merge", Words, 1024, 4096);

    public static TargetGrammar Origin { get; } = new("snapshot-origin", Data("origin"), 1024, 8192);
}
