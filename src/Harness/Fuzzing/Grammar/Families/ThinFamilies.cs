using static DmSim.Harness.Fuzzing.Grammar.Words;

namespace DmSim.Harness.Fuzzing.Grammar.Families;

/// <summary>Thin pools and their volumes (drivers/md/dm-thin.c, Documentation/admin-guide/device-mapper/thin-provisioning.rst, 6.1).</summary>
internal static class ThinFamilies
{
    private const ulong LastDevice = (1 << 24) - 1;

    private static Part Volume => UInt("dev_id", 0, LastDevice, 0, 0, 1, 2);

    public static TargetGrammar Pool { get; } = new("thin-pool",
        All(Store(), Data(), UInt("block_size", 128, 2097152, 128, 128, 256), ULong("low_water", 0, Max64, 0, 1, 10),
            Maybe(Features("features", Word("skip_block_zeroing"), Word("ignore_discard"), Word("no_discard_passdown"), Word("read_only"), Word("error_if_no_space")))),
        Ground.DataSectors, 1024)
    {
        Messages =
        [
            Pair("create_thin", Volume), All(Word("create_snap"), Volume, Volume), Pair("delete", Volume),
            All(Word("set_transaction_id"), ULong("current", 0, Max64, 0, 1), ULong("new", 0, Max64, 1, 2)),
            OneOf("reserve_metadata_snap", "release_metadata_snap"),
        ],
    };

    public static TargetGrammar Thin { get; } = new("thin", All(Words.Pool(), Volume, Maybe(Data("origin"))), 128, 1024) { NeedsPool = true };
}
