using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Tables;

/// <summary>"device offset up down [#features feature…]" (flakey_ctr and parse_features, drivers/md/dm-flakey.c, 6.1).</summary>
internal sealed class FlakeyLine : LineGenerator
{
    public override string Type => "flakey";

    public override string Sound(Scene scene, DeviceState owner, ref Sectors length)
    {
        var choices = scene.Choices;
        var place = Ground.Find(scene, owner, ref length);
        var (up, down) = choices.Pick((0, 1), (0, 1), (0, 3), (1, 1), (1, 2), (2, 1), (3, 0), (1, 0), (60, 180), (10, 1));
        return string.Create(CultureInfo.InvariantCulture, $"{place} {up} {down}{Features(choices)}");
    }

    private static string Features(Choices choices)
    {
        if (choices.Percent(25))
            return choices.Percent(30) ? " 0" : "";
        var words = new List<string>();
        bool corruptsWrites = false;
        if (choices.Percent(55))
        {
            corruptsWrites = choices.Percent(50);
            words.AddRange(["corrupt_bio_byte", Text(choices.Pick(1, 2, 32, 511, 512, 513, 4096, 70000)),
                corruptsWrites ? "w" : "r", Text(choices.Pick(0, 1, 255)), Text(CorruptFlags(choices))]);
        }
        if (!corruptsWrites && choices.Percent(words.Count == 0 ? 100 : 30))
            words.Insert(choices.Percent(50) ? 0 : words.Count, choices.Pick("drop_writes", "error_writes", "drop_writes", "DROP_writes"));
        return $" {words.Count} {string.Join(' ', words)}";
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Bits of bi_opf that a bio must have to be spoiled: none, the write bit, REQ_SYNC (1 &lt;&lt; 11), REQ_PREFLUSH (1 &lt;&lt; 18).</summary>
    private static int CorruptFlags(Choices choices) => choices.Percent(75) ? 0 : choices.Pick(1, 1 << 11, 1 << 18);

    public override string? Wrong(Scene scene, DeviceState owner, Sectors length)
    {
        string place = Ground.Find(scene, owner, ref length).ToString();
        var choices = scene.Choices;
        if (choices.Percent(30))
            return null;
        return choices.Percent(30)
            ? $"{place} {choices.Pick("0 0", "4294967295 1", "4294967295 4294967295", "-1 1", "1 x", "1", "4294967296 1", "1 4294967296")}"
            : $"{place} 1 1 {choices.AnyOf(WrongFeatures)}";
    }

    private static readonly string[] WrongFeatures =
    [
        "7 a b c d e f g", "1", "2 drop_writes", "1 nosuch", "1 drop_write", "x", "-1",
        "2 drop_writes drop_writes", "2 error_writes error_writes", "2 drop_writes error_writes", "2 error_writes drop_writes",
        "1 corrupt_bio_byte", "2 corrupt_bio_byte 1", "3 corrupt_bio_byte 1 w", "4 corrupt_bio_byte 1 w 0",
        "1 corrupt_bio_byte 1 w 0 0", "2 corrupt_bio_byte 1 r 0 0",
        "5 corrupt_bio_byte 0 w 0 0", "5 corrupt_bio_byte 1 x 0 0", "5 corrupt_bio_byte 1 w 256 0", "5 corrupt_bio_byte 1 w 0 -1",
        "5 corrupt_bio_byte 1 w -1 0", "5 corrupt_bio_byte 4294967296 w 0 0", "5 corrupt_bio_byte 1 W 0 0 extra",
        "6 drop_writes corrupt_bio_byte 1 w 0 0", "6 corrupt_bio_byte 1 w 0 0 error_writes", "5 drop_writes",
    ];
}
