using static DmSim.Harness.Fuzzing.Grammar.Words;

namespace DmSim.Harness.Fuzzing.Grammar.Families;

/// <summary>Targets that pass I/O on, divide it, or refuse it (drivers/md/dm-linear.c, dm-stripe.c, dm-zero.c, dm-target.c, dm-unstripe.c, dm-switch.c, 6.1).</summary>
internal static class SimpleFamilies
{
    private static Part Place => All(Data(), Sector());

    public static TargetGrammar Linear { get; } = new("linear", Place, 8, 128, 1024);

    public static TargetGrammar Striped { get; } = new("striped",
        new Part.Times("stripes", 1, 4, Place, UInt("chunk", 1, Max32, 8, 8, 16, 1)), 48, 384, 1536);

    public static TargetGrammar Zero { get; } = new("zero", None, 8, 1024);

    public static TargetGrammar Error { get; } = new("error", OneOf(None, Place), 8, 1024);

    public static TargetGrammar Unstriped { get; } = new("unstriped",
        All(UInt("stripes", 1, Max32, 2, 4), UInt("chunk", 1, Max32, 8, 16), UInt("stripe", 0, 3, 0, 1), Data(), Sector()), 48, 384);

    public static TargetGrammar Switch { get; } = new("switch",
        new Part.Times("paths", 1, 4, Place, All(UInt("region_size", 1, Max32, 8, 16, 128), UInt("optional", 0, 0, 0))), 128, 1024)
    {
        Messages =
        [
            All(Word("set_region_mappings"), OneOf("0:0", "0:1 1:0", "R2,10", "0:0 R1,3")),
            All(Word("set_region_mappings"), OneOf("ffffffff:0", "0:ff", ":0", "Rffffffff,1", "R0,1")),
        ],
    };
}
