using static DmSim.Harness.Fuzzing.Grammar.Words;

namespace DmSim.Harness.Fuzzing.Grammar.Families;

/// <summary>Targets for tests of others: they delay, lose, spoil or note down I/O (drivers/md/dm-delay.c, dm-flakey.c, dm-log-writes.c, dm-dust.c, 6.1).</summary>
internal static class SlowAndFaultyFamilies
{
    private static Part Delayed => All(Data(), Sector(), UInt("delay", 0, Max32, 0, 0, 5));

    public static TargetGrammar Delay { get; } = new("delay", All(Delayed, Maybe(Delayed, Maybe(Delayed))), 8, 1024);

    public static TargetGrammar Flakey { get; } = new("flakey",
        All(Data(), Sector(), UInt("up", 0, Max32, 0, 1, 5), UInt("down", 0, Max32, 0, 1, 3),
            Maybe(Features("features", Word("drop_writes"), Word("error_writes"),
                All(Word("corrupt_bio_byte"), UInt("nth", 1, Max32, 1, 32), OneOf("r", "w"), UInt("value", 0, 255, 0, 1), UInt("flags", 0, Max32, 0, 32))))), 8, 1024);

    public static TargetGrammar LogWrites { get; } = new("log-writes", All(Data(), Store("log")), 8, 1024)
    {
        Messages = [All(Word("mark"), OneOf("here", "a", "mkfs"))],
    };

    private static Part Block => ULong("block", 0, Max64, 0, 1, 7);

    public static TargetGrammar Dust { get; } = new("dust", All(Data(), Sector(), UInt("block_size", 512, 1 << 30, 512, 4096)), 8, 1024)
    {
        Messages =
        [
            OneOf("enable", "disable", "countbadblocks", "listbadblocks", "clearbadblocks", "quiet"), Pair("queryblock", Block), Pair("removebadblock", Block),
            All(Word("addbadblock"), Block, Maybe(UInt("write_fails", 0, 255, 0, 2))),
        ],
    };
}
