using System.Globalization;

namespace DmSim.Model.Reasons;

/// <summary>What the words of a table line mean, type by type.</summary>
/// <param name="Summary">What a line of the type does.</param>
/// <param name="Words">Its words, as a synopsis.</param>
/// <param name="Meaning">The meaning of the word at an index, given all; null for a word that should not be there.</param>
public sealed record TargetGrammar(string Type, string Summary, string Words, Func<string[], int, string?> Meaning)
{
    private const string Device = "the device below: a path, or MAJOR:MINOR", Start = "where its part begins there, in sectors";

    public static IReadOnlyList<TargetGrammar> All { get; } =
    [
        new("linear", "a run of sectors of another device, as it is", "DEVICE START", Fixed(Device, Start)),
        new("striped", "chunks that go round several devices in turn", "STRIPES CHUNK (DEVICE START)…", (words, at) => at switch
        {
            0 => "how many devices take turns",
            1 => "how many sectors go to one before it is the next one's turn",
            _ => ulong.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong stripes) && (ulong)(at - 2) / 2 >= stripes ? null
                : $"stripe {(at - 2) / 2}: {(at % 2 == 0 ? Device : Start)}",
        }),
        new("zero", "reads zeroes, and forgets what is written", "", Fixed()),
        new("error", "fails all I/O", "[anything]", (_, _) => "not looked at"),
        new("delay", "I/O of another device, some milliseconds later", "DEVICE START MS [DEVICE START MS [DEVICE START MS]]", (_, at) => at > 8 ? null
            : Of((at / 3) switch { 0 => "reads (and the others, where they have none of their own)", 1 => "writes", _ => "flushes" },
                (at % 3) switch { 0 => Device, 1 => Start, _ => "how many milliseconds later" })),
        new("flakey", "another device that fails for some seconds again and again", "DEVICE START UP DOWN [COUNT FEATURE…]", Flakey),
        new("thin-pool", "blocks that thin volumes are given when they are written", "METADATA DATA BLOCK LOW_WATER [COUNT FEATURE…]", Pool),
        new("thin", "a volume of a thin pool", "POOL NUMBER [ORIGIN]", Fixed("the pool's device", "which of its volumes (create_thin NUMBER makes one)",
            "a read-only device outside the pool, read where the volume has no block of its own")),
        new("snapshot", "the origin as it was: what changes is kept elsewhere first", "ORIGIN COW P|N CHUNK [COUNT FEATURE…]", Snapshot),
        new("snapshot-merge", "a snapshot whose differences go back into its origin", "ORIGIN COW P|N CHUNK [COUNT FEATURE…]", Snapshot),
        new("snapshot-origin", "a device that has snapshots: what is overwritten is kept for them first", "DEVICE", Fixed(Device)),
    ];

    public static TargetGrammar? Find(string type) => All.FirstOrDefault(grammar => grammar.Type == type);

    private static Func<string[], int, string?> Fixed(params string[] meanings) => (_, at) => at < meanings.Length ? meanings[at] : null;

    private static string Of(string what, string meaning) => $"{what}: {meaning}";

    private static string? Flakey(string[] words, int at)
    {
        string[] fixedWords = [Device, Start, "how many seconds it works", "how many seconds it then fails", "how many words of features follow"];
        if (at < fixedWords.Length)
            return fixedWords[at];
        int corrupt = Array.FindIndex(words, fixedWords.Length, word => Same(word, "corrupt_bio_byte"));
        if (corrupt >= 0 && at > corrupt && at <= corrupt + 4)
        {
            return (at - corrupt) switch
            {
                1 => "which byte of the I/O, from 1",
                2 => "r for reads, w for writes",
                3 => "what to put there, 0 to 255",
                _ => "flags that the I/O must have, 0 for any",
            };
        }
        return words[at].ToUpperInvariant() switch
        {
            "DROP_WRITES" => "while it fails, writes are forgotten in silence",
            "ERROR_WRITES" => "while it fails, writes fail and reads work",
            "CORRUPT_BIO_BYTE" => "while it fails, a byte is spoilt",
            _ => null,
        };
    }

    private static string? Pool(string[] words, int at)
    {
        string[] fixedWords =
        [
            "the device for the metadata (zero its first 4096 bytes for a new pool)", "the device that the blocks lie on",
            "sectors of a block: a multiple of 128 (64 KiB)", "when no more free blocks than this are left, an event is sent",
            "how many features follow",
        ];
        if (at < fixedWords.Length)
            return fixedWords[at];
        return words[at].ToUpperInvariant() switch
        {
            "SKIP_BLOCK_ZEROING" => "new blocks are not cleared: faster, and old data may be read",
            "IGNORE_DISCARD" => "discards free nothing",
            "NO_DISCARD_PASSDOWN" => "discards free blocks, and the data device is not told",
            "READ_ONLY" => "nothing may change",
            "ERROR_IF_NO_SPACE" => "writes fail at once when the pool is full; else they wait a minute for more room",
            _ => null,
        };
    }

    private static string? Snapshot(string[] words, int at)
    {
        string[] fixedWords =
        [
            "the device that the snapshot is of", "the device that keeps what differs", "P keeps it over a reboot, N does not",
            "sectors of a chunk, a power of two", "how many features follow",
        ];
        if (at < fixedWords.Length)
            return fixedWords[at];
        return Same(words[at], "discard_zeroes_cow") ? "a discard reads as zeroes afterwards"
            : Same(words[at], "discard_passdown_origin") ? "discards go to the origin, too" : null;
    }

    private static bool Same(string word, string name) => word.Equals(name, StringComparison.OrdinalIgnoreCase);
}
