using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Rules;

/// <summary>The @stats_* messages (drivers/md/dm-stats.c, 6.1).</summary>
internal static class StatisticsRules
{
    private const int MaxRegions = 6;

    /// <summary>
    /// Milliseconds that no I/O takes: what is not delayed takes a few, what is ends at other places of its slot (<see cref="Tables.Delays"/>).
    /// </summary>
    private static readonly string[] Boundaries = ["60", "185", "60,310", "60,185,310,1060", "1060,5060", "60,185,310,435,560,685,1060,5060"];

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("stats-create", scene => scene.Devices.Count > 0 && scene.World.Regions.Count < MaxRegions ? 8 : 0, Create) { IsBasic = true },
        new("stats-print", HasRegions(8), scene => About(scene, (region, choices) =>
            $"@stats_print {region.Id}{Lines(choices)}")) { IsBasic = true },
        new("stats-print-clear", HasRegions(3), scene => About(scene, (region, choices) => $"@stats_print_clear {region.Id}{Lines(choices)}")),
        new("stats-clear", HasRegions(2), scene => About(scene, (region, _) => $"@stats_clear {region.Id}")),
        new("stats-delete", HasRegions(2), scene => About(scene, (region, _) => $"@stats_delete {region.Id}")),
        new("stats-set-aux", HasRegions(1), scene => About(scene, (region, choices) =>
            $"@stats_set_aux {region.Id} {choices.Pick("-", "aux", "a\\ b", "0")}")),
        new("stats-list", scene => scene.Devices.Count > 0 ? 3 : 0, scene => Message(scene,
            "@stats_list" + scene.Choices.Pick("", "", " -", " prog", " nobody"))),
        new("stats-unknown-region", scene => scene.Devices.Count > 0 ? 2 : 0, scene => Message(scene, scene.Choices.Pick(
            "@stats_print 7", "@stats_print_clear 9", "@stats_clear 2147483647", "@stats_delete 8", "@stats_set_aux 7 x"))) { IsWrong = true },
        new("stats-wrong-words", scene => scene.Devices.Count > 0 ? 4 : 0, scene => Message(scene, Wrong(scene.Choices))) { IsWrong = true },
    ];

    private static Func<Scene, int> HasRegions(int weight) => scene => scene.World.Regions.Count > 0 ? weight : 0;

    private static Operation.Message? Message(Scene scene, string text) =>
        scene.Preferably(device => scene.World.Regions.Any(region => region.Device == device.Number), 60) is { } device
            ? Message(scene, device, text) : null;

    private static Operation.Message Message(Scene scene, DeviceState device, string text) =>
        new(scene.Ref(device), new Sectors(scene.Choices.Pick(0UL, 0, 0, 8, ulong.MaxValue)), text);

    private static Operation.Message? About(Scene scene, Func<RegionState, Choices, string> text)
    {
        var region = scene.Choices.AnyOf(scene.World.Regions);
        return scene.World.Find(region.Device) is { } device ? Message(scene, device, text(region, scene.Choices)) : null;
    }

    /// <summary>" start count" of the areas to print, or nothing for all.</summary>
    private static string Lines(Choices choices) => choices.Percent(60) ? "" : $" {choices.Pick("-", "0", "1", "3", "99")} "
        + choices.Pick("-", "1", "2", "5", "0", "18446744073709551615");

    private static Operation.Message? Create(Scene scene)
    {
        // Its number comes when the device's I/O has ended: too many that wait are of no use.
        if (scene.Preferably(device => device.HasLive) is not { } device
            || (scene.IsPendingOn(device.Number) && scene.World.Pending.Count >= QueryRules.MaxPending))
            return null;
        var choices = scene.Choices;
        ulong size = Math.Max(1, device.Size.Value);
        string range = choices.Percent(50) ? "-" : $"{choices.Pick(0, 0, 8, 13, size / 2, size)}+{choices.Pick(1, 8, 100, size, size + 10)}";
        string step = choices.Pick("/1", "/2", "/3", "/7", "/1000000", "8", "16", "100", "4096", "18446744073709551615");
        return Message(scene, device, $"@stats_create {range} {step}{Features(choices)}");
    }

    private static string Features(Choices choices)
    {
        bool precise = choices.Percent(30), histogram = choices.Percent(30);
        string boundaries = choices.AnyOf(Boundaries);
        if (precise)
            boundaries = string.Join(',', boundaries.Split(',').Select(milliseconds => milliseconds + "000000"));
        int count = (precise ? 1 : 0) + (histogram ? 1 : 0);
        return (count == 0 && choices.Percent(60) ? "" : $" {count}")
            + (precise ? " precise_timestamps" : "") + (histogram ? $" histogram:{boundaries}" : "")
            + choices.Pick("", "", " prog", " prog aux", " - \"");
    }

    private static string Wrong(Choices choices) => choices.Pick(
        "@stats_create", "@stats_create -", "@stats_create - 0", "@stats_create - /0", "@stats_create - x", "@stats_create - 8x",
        "@stats_create 0 8", "@stats_create 0+ 8", "@stats_create 8+0 8", "@stats_create 8+8x 8", "@stats_create +8 8",
        "@stats_create 1+18446744073709551615 8", "@stats_create 0+18446744073709551615 1", "@stats_create 0+18446744073709551615 2",
        "@stats_create 0+18446744073709551615 1000", "@stats_create 0+99999999999999 1", "@stats_create 0+9999999 1",
        "@stats_create - 8 1", "@stats_create - 8 1 precise", "@stats_create - 8 2 precise_timestamps",
        "@stats_create - 8 1 histogram:", "@stats_create - 8 1 histogram:0", "@stats_create - 8 1 histogram:5,5",
        "@stats_create - 8 1 histogram:5,", "@stats_create - 8 1 histogram:5;6", "@stats_create - 8 2 histogram:5 histogram:6",
        "@stats_create - 8 prog aux more", "@stats_create - 8 0 prog aux more", "@stats_create - 8 0x",
        "@stats_delete", "@stats_delete x", "@stats_delete -1", "@stats_delete 0 1", "@stats_clear", "@stats_clear 0x", "@stats_clear 0 0",
        "@stats_list a b", "@stats_print", "@stats_print 0 1", "@stats_print 0 x 1", "@stats_print 0 1 -1", "@stats_print - 0 1",
        "@stats_print_clear 0 0 0 0", "@stats_set_aux 0", "@stats_set_aux x y", "@stats_set_aux 0 1 2", "@stats", "@stats_nothing",
        "@STATS_PRINT x", "@Stats_List x y");
}
