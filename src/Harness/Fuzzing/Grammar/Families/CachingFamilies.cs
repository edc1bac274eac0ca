using static DmSim.Harness.Fuzzing.Grammar.Words;

namespace DmSim.Harness.Fuzzing.Grammar.Families;

/// <summary>Targets that keep blocks or what they know of them elsewhere (drivers/md/dm-cache-target.c, dm-writecache.c, dm-era-target.c, dm-clone-target.c, dm-ebs-target.c, 6.1).</summary>
internal static class CachingFamilies
{
    private static Part Policy => All(OneOf("default", "smq", "mq", "cleaner"),
        Features("policy_args", Pair("migration_threshold", UInt("sectors", 0, Max32, 2048, 0)), Pair("random_threshold", UInt("n", 0, Max32, 4)),
            Pair("sequential_threshold", UInt("n", 0, Max32, 512))));

    public static TargetGrammar Cache { get; } = new("cache",
        All(Store(), Data("cache"), OneOf(Word("7:1"), Data("origin")), UInt("block_size", 64, 2097152, 64, 128, 512),
            Features("features", OneOf("writeback", "writethrough", "passthrough"), Word("metadata2"), Word("no_discard_passdown")), Policy), 1024, 8192)
    {
        Messages =
        [
            Pair("migration_threshold", UInt("sectors", 0, Max32, 0, 2048)), Pair("invalidate_cblocks", OneOf("0", "0-1", "0-10", "5-5", "1-0", "0-ffffffff")),
            Pair("random_threshold", UInt("n", 0, Max32, 4)),
        ],
    };

    public static TargetGrammar Writecache { get; } = new("writecache",
        All(OneOf("s", "s", "p"), Word("7:1"), Data("cache"), UInt("block_size", 512, 4096, 512, 4096),
            Features("features", Pair("start_sector", ULong("sector", 0, Max64, 0, 8)), Pair("high_watermark", UInt("percent", 0, 100, 50)),
                Pair("low_watermark", UInt("percent", 0, 100, 45)), Pair("writeback_jobs", UInt("jobs", 1, int.MaxValue, 1, 64)),
                Pair("autocommit_blocks", UInt("blocks", 1, Max32, 1, 64)), Pair("autocommit_time", UInt("ms", 1, 3600000, 1000)),
                Pair("max_age", UInt("ms", 0, 86400000, 1000)), Pair("pause_writeback", UInt("ms", 0, 60000, 10)),
                Word("cleaner"), Word("fua"), Word("nofua"), Word("metadata_only"))), 1024, 8192)
    {
        Messages = [OneOf("flush", "flush_on_suspend", "cleaner", "clear_stats")],
    };

    public static TargetGrammar Era { get; } = new("era", All(Store(), Data("origin"), UInt("block_size", 1, Max32, 8, 128, 4096)), 1024, 8192)
    {
        Messages = [OneOf("checkpoint", "take_metadata_snap", "drop_metadata_snap")],
    };

    private static Part Region => UInt("regions", 1, Max32, 1, 4);

    public static TargetGrammar Clone { get; } = new("clone",
        All(Store(), Word("7:1"), Data("source"), UInt("region_size", 8, 2097152, 8, 16, 128),
            Maybe(Features("features", Word("no_hydration"), Word("no_discard_passdown")),
                Maybe(Features("core", Pair("hydration_threshold", Region), Pair("hydration_batch_size", Region))))), 1024, 8192)
    {
        Messages = [OneOf("enable_hydration", "disable_hydration"), Pair("hydration_threshold", Region), Pair("hydration_batch_size", Region)],
    };

    public static TargetGrammar Ebs { get; } = new("ebs",
        All(Data(), Sector(), UInt("ebs", 1, 2048, 1, 8), Maybe(UInt("ubs", 1, 2048, 8, 16))), 128, 1024);

    public static TargetGrammar Pcache { get; } = new("pcache",
        All(Data("cache"), Word("7:1"), Maybe(Features("features", Pair("cache_mode", OneOf("writeback", "writethrough")), Pair("data_crc", OneOf("true", "false"))))), 1024, 8192)
    {
        Messages = [Pair("gc_percent", UInt("percent", 0, 90, 0, 50))],
    };

    private static Part Threads => UInt("threads", 0, 100, 1, 2);

    public static TargetGrammar Vdo { get; } = new("vdo",
        All(Word("V4"), Data("storage"), ULong("blocks", 1, Max64, 1024), OneOf("512", "4096"), UInt("cache_pages", 128, Max32, 128, 32768),
            UInt("era", 1, 16380, 16380), Maybe(Pair("ack", Threads)), Maybe(Pair("bio", Threads)), Maybe(Pair("hash", Threads)), Maybe(Pair("deduplication", OneOf("on", "off")))), 1024, 8192)
    {
        Messages = [OneOf("stats", "dump", "index-create", "index-close", "compression on", "compression off", "config")],
    };
}
