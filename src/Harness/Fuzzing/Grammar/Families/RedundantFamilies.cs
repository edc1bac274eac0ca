using static DmSim.Harness.Fuzzing.Grammar.Words;

namespace DmSim.Harness.Fuzzing.Grammar.Families;

/// <summary>Targets over several copies or paths, and over zones (drivers/md/dm-raid1.c, dm-log.c, dm-raid.c, dm-mpath.c, dm-zoned-target.c, 6.1).</summary>
internal static class RedundantFamilies
{
    private static Part Sync => OneOf("sync", "nosync");

    private static Part Log => OneOf(
        All(Word("core"), Word("1"), RegionSize), All(Word("core"), Word("2"), RegionSize, Sync),
        All(Word("disk"), Word("2"), Store("log"), RegionSize), All(Word("disk"), Word("3"), Store("log"), RegionSize, Sync));

    private static Part RegionSize => UInt("region_size", 8, 1U << 31, 8, 64, 1024);

    public static TargetGrammar Mirror { get; } = new("mirror",
        All(Log, Times("mirrors", 1, 3, All(OneOf(Word("7:1"), Data()), Sector("offset"))), Maybe(Features("features", Word("handle_errors"), Word("keep_log")))), 128, 1024);

    private static Part Index => UInt("index", 0, 3, 0, 1);

    private static Part Rate => UInt("kib_a_second", 0, int.MaxValue, 0, 1000);

    /// <summary>The count is of all words before the devices: the chunk size and the options.</summary>
    private static Part RaidOptions => new Part.Features("raid_params",
        [OneOf("0", "8", "64", "128"), Sync, Pair("rebuild", Index), Pair("daemon_sleep", UInt("ms", 1, int.MaxValue, 1000)), Pair("min_recovery_rate", Rate), Pair("max_recovery_rate", Rate),
            Pair("write_mostly", Index), Pair("max_write_behind", UInt("n", 0, 16383, 100)), Pair("stripe_cache", UInt("sectors", 0, Max32, 256)), Pair("region_size", RegionSize),
            Pair("raid10_copies", UInt("copies", 2, 255, 2)), Pair("raid10_format", OneOf("near", "far", "offset")), Pair("delta_disks", UInt("disks", 0, 253, 1)),
            Pair("data_offset", ULong("sectors", 0, Max64, 0, 8)), Pair("journal_dev", Word("7:3")), Pair("journal_mode", OneOf("writethrough", "writeback"))]);

    public static TargetGrammar Raid { get; } = new("raid",
        All(OneOf("raid1", "raid0", "raid4", "raid5_la", "raid5_ra", "raid5_ls", "raid5_rs", "raid5_n", "raid6_zr", "raid6_nr", "raid6_nc", "raid6_n_6", "raid10", "raid10_near"),
            OneOf(All(Word("1"), OneOf("0", "64", "128")), RaidOptions),
            Times("devices", 1, 4, All(OneOf(Word("-"), Store()), OneOf(Word("-"), Word("7:1"), Data())))), 1024, 1536, 4096)
    {
        Messages = [OneOf("idle", "frozen", "resync", "recover", "check", "repair")],
    };

    private static Part Selector => OneOf("round-robin", "queue-length", "service-time", "historical-service-time", "io-affinity", "nosuch");

    private static Part PathGroup => All(Selector, Word("0"),
        new Part.Times("paths", 1, 2, Data(), OneOf("0", "0", "1", "2")));

    public static TargetGrammar Multipath { get; } = new("multipath",
        All(Features("features", Word("queue_if_no_path"), Word("retain_attached_hw_handler"), Pair("pg_init_retries", UInt("n", 1, 50, 1)), Pair("pg_init_delay_msecs", UInt("ms", 0, 60000, 0)),
                Pair("queue_mode", OneOf("bio", "rq", "mq", "x"))),
            OneOf(Word("0"), Word("0"), All(Word("1"), OneOf("alua", "rdac", "x"))), new Part.Times("groups", 1, 2, PathGroup, UInt("first_group", 0, 2, 1, 1))), 128, 1024)
    {
        Messages =
        [
            OneOf("queue_if_no_path", "fail_if_no_path"), Pair("disable_group", Index), Pair("enable_group", Index), Pair("switch_group", Index),
            Pair("fail_path", Data()), Pair("reinstate_path", Data()),
        ],
    };

    public static TargetGrammar Zoned { get; } = new("zoned", Times("devices", 1, 2, Data()), 1024, 8192) { Messages = [Word("reclaim")] };
}
