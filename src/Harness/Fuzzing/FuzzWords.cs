using System.Globalization;
using System.Text;
using DmSim.Abi;
using DmSim.Harness.Generators;

namespace DmSim.Harness.Fuzzing;

/// <summary>
/// The words that fuzzed requests are made of. There are few names, uuids and devices, so that requests often hit what is there, and
/// many numbers, of which most lie where something ends.
/// </summary>
internal sealed class FuzzWords(Choices choices)
{
    private static readonly string[] Names = ["a", "b", "c", "d", "aa", "A", "a b", "\xff\xa0", "/", "x/y", ".", "control"];
    /// <summary>Those that nearly all requests are for.</summary>
    public static IReadOnlyList<string> UsualNames => Names[..UsualNameCount];

    private const int UsualNameCount = 4;

    private static readonly string[] Uuids = ["u1", "u2", "LVM-1", "CRYPT-/", "\x01"];

    private static readonly string[] Numbers =
    [
        "0", "1", "2", "3", "7", "8", "16", "64", "127", "128", "255", "256", "1000", "4096", "65535", "65536", "1048575", "1048576",
        "2147483647", "2147483648", "4294967295", "4294967296", "36028797018963967", "36028797018963968", "9223372036854775807",
        "9223372036854775808", "18446744073709551608", "18446744073709551615", "18446744073709551616", "99999999999999999999999",
        "-1", "-9223372036854775808", "+1", "0x10", "010", "1k", "1.5", "", " 1", "-", "0x",
    ];

    private static readonly ulong[] Edges =
    [
        0, 1, 7, 8, 63, 128, 1000, 1024, 2047, 2048, 1UL << 20, (1UL << 31) - 1, 1UL << 31, uint.MaxValue, 1UL << 32, (1UL << 54) - 1, 1UL << 54,
        (1UL << 55) - 1, 1UL << 55, (1UL << 63) - 1, 1UL << 63, ulong.MaxValue - 7, ulong.MaxValue,
    ];

    public string Name() => choices.Percent(85) ? Names[choices.Below(UsualNameCount)] : choices.Percent(60) ? choices.Pick<string>(Names) : Long();

    public string Uuid() => choices.Percent(80) ? choices.Pick<string>(Uuids) : Long();

    /// <summary>Lengths around the fields of a request, and far beyond.</summary>
    private string Long() => new('n', choices.Pick<int>(1, 15, 16, 126, 127, 128, 129, 1000, 5000));

    public DmSelector Device()
    {
        int kind = choices.Below(20);
        return kind < 12 ? DmSelector.ByName(Name())
            : kind < 15 ? DmSelector.ByUuid(Uuid())
            : kind < 18 ? DmSelector.ByNumber(DeviceNumber.Dm((uint)choices.Below(6)))
            : new DmSelector(Name(), Uuid(), DeviceNumber.Dm(0));
    }

    /// <summary>What a table names a device by: half of the time a loop device, which is there.</summary>
    public string Path() => choices.Below(12) switch
    {
        < 6 => string.Create(CultureInfo.InvariantCulture, $"7:{choices.Below(4)}"),
        < 9 => string.Create(CultureInfo.InvariantCulture, $"254:{choices.Below(6)}"),
        9 => "/dev/loop" + Number(),
        10 => Number() + ":" + Number(),
        _ => choices.Pick("/dev/dm-0", "/dev/mapper/a", "/dev//../dev/loop1", "PARTUUID=", "PARTUUID=x/PARTNROFF=1", "700", "fe00000000",
            "7:0:0", "7:0:0:", "/dev/nfs", "", "\\", "/dev/ram"),
    };

    public string Number() => choices.Percent(60) ? choices.Pick<string>(Numbers) : Any(choices.Below(4) * 20).ToString(CultureInfo.InvariantCulture);

    private ulong Any(int shift) => choices.Next() >> shift;

    /// <summary>A sector, count or other field of 64 bits.</summary>
    public ulong Edge() => choices.Percent(70) ? Edges[choices.Below(Edges.Length)] : Any(choices.Below(64));

    /// <summary>Words with blanks and escapes between, as a message or for a target that is not known here.</summary>
    public string Sentence()
    {
        var text = new StringBuilder();
        for (int left = choices.Below(8); left > 0; left--)
            text.Append(AnyWord()).Append(choices.Pick(" ", " ", " ", "  ", "\t", "\\ ", "\xa0", "\\", ""));
        return text.ToString();
    }

    /// <summary>A word that may stand anywhere in a table.</summary>
    public string AnyWord() => choices.Below(4) switch
    {
        0 => Path(),
        1 => Number(),
        2 => choices.Pick("@stats_list", "@stats_create", "@stats_delete", "@stats_print", "@STATS_CREATE", "@cancel_deferred_remove",
            "@", "-", "-", "0+8", "/16", "precise_timestamps", "histogram:1,2,3", "dmsim"),
        _ => choices.Pick("drop_writes", "error_writes", "corrupt_bio_byte", "r", "w", "none", "discard_passdown", "create_thin 0", "create_snap 1 0", "delete 0",
            "set_transaction_id 0 1", "reserve_metadata_snap", "release_metadata_snap", "ignore_discard", "a=b"),
    };
}
