using DmSim.Abi;

namespace DmSim.Harness.Generators.Tables;

/// <summary>Lengths of lines and devices.</summary>
internal static class Lengths
{
    public static Sectors Usual(Choices choices) => new(choices.Percent(80)
        ? choices.Pick(1UL, 2, 7, 8, 8, 15, 16, 16, 24, 32, 63, 64, 64, 100, 128, 200, 256, 256, 384, 511, 512, 512)
        : choices.Below(600UL) + 1);

    /// <summary>The largest device there can be is LLONG_MAX bytes (dm_table_add_target, drivers/md/dm-table.c, 6.1).</summary>
    public const ulong MaxSectors = long.MaxValue >> Sectors.Shift;

    /// <summary>The length, or rarely one near a limit of some kernel type.</summary>
    public static Sectors MaybeHuge(Scene scene, Sectors length) => scene.Choices.Percent(96) ? length
        : new Sectors(scene.Choices.Pick(
            1UL << 16, (1UL << 23) - 1, 1UL << 23, (1UL << 31) - 8, 1UL << 31, (1UL << 32) - 1, 1UL << 32, 1UL << 40, MaxSectors / 2));
}
