namespace DmSim.Model.Reasons;

/// <summary>What the constructors of linear, striped, zero, delay and flakey say (drivers/md/dm-linear.c and so on).</summary>
internal static class TargetReasons
{
    private static Reason Of(string type, string error, string sentence) => new($"table: {{dm}}: {type}: {error} (-{{errno}})", sentence);

    private static Reason Lookup(string type, string error, string errno, string sentence) =>
        new($"table: {{dm}}: {type}: {error} (-{errno})", sentence);

    /// <summary>A device that cannot be had: the errno says why.</summary>
    internal static IEnumerable<Reason> NoDevice(string type, string error) =>
    [
        Lookup(type, error, "ENXIO", "no device answers to the name or number in \"{words}\": attach or create it first (losetup, dmsetup create)"),
        Lookup(type, error, "ENOENT", "there is no such file as the device in \"{words}\": check the path"),
        Lookup(type, error, "ENODEV", "no device answers to the name or number in \"{words}\": attach or create it first (losetup, dmsetup create)"),
        Lookup(type, error, "ENOTBLK", "the path in \"{words}\" is no block device: attach the file to a loop device first (losetup)"),
        Lookup(type, error, "EBUSY", "the device in \"{words}\" is in use by another (a mount, swap, another holder): free it first"),
        Lookup(type, error, "EACCES", "the device in \"{words}\" is read-only: load the table with --readonly"),
        Lookup(type, error, "EROFS", "the device in \"{words}\" is read-only: load the table with --readonly"),
        Lookup(type, error, "EOVERFLOW", "the device number in \"{words}\" is larger than numbers can be: check MAJOR:MINOR"),
        Of(type, error, "the device in \"{words}\" could not be opened ({errno}): check the path or MAJOR:MINOR"),
    ];

    private static IEnumerable<Reason> Linear =>
    [
        Of("linear", "Invalid argument count", "linear takes two words, a device and the sector to begin at, and got \"{words}\": give DEVICE START"),
        Of("linear", "Invalid device sector", "the start in \"{words}\" is no number of sectors: give digits only"),
        .. NoDevice("linear", "Device lookup failed"),
    ];

    private static IEnumerable<Reason> Striped =>
    [
        Of("striped", "Not enough arguments", "striped takes STRIPES CHUNK and then DEVICE START for each stripe, and got \"{words}\": add what is missing"),
        Of("striped", "Invalid stripe count", "the number of stripes in \"{words}\" is no number above 0: give how many devices there are"),
        Of("striped", "Invalid chunk_size", "the chunk size in \"{words}\" is no number above 0: give sectors"),
        Of("striped", "Target length not divisible by number of stripes",
            "the length in \"{line}\" does not divide evenly among the stripes: make it a multiple of STRIPES x CHUNK"),
        Of("striped", "Target length not divisible by chunk size",
            "each stripe's part of the length in \"{line}\" is no whole number of chunks: make the length a multiple of STRIPES x CHUNK"),
        Of("striped", "Not enough destinations specified",
            "\"{words}\" does not have exactly one DEVICE START for each stripe: add or take away"),
        Of("striped", "Memory allocation for striped context failed", "so many stripes need more memory than the kernel gives: use fewer"),
        .. NoDevice("striped", "Couldn't parse stripe destination"),
    ];

    private static IEnumerable<Reason> ZeroAndError =>
    [
        Of("zero", "No arguments required", "zero takes no words, and got \"{words}\": end the line behind the type"),
        Of("error", "Invalid device sector", "the start in \"{words}\" is no number of sectors: give digits only"),
        .. NoDevice("error", "Device lookup failed"),
    ];

    private static IEnumerable<Reason> Delay =>
    [
        Of("delay", "Requires exactly 3, 6 or 9 arguments",
            "delay takes DEVICE START MS once (for all), twice (reads, writes) or three times (and flushes), and got \"{words}\""
            + ": give 3, 6 or 9 words"),
        Of("delay", "Invalid device sector", "a start in \"{words}\" is no number of sectors: give digits only"),
        Of("delay", "Invalid delay", "a delay in \"{words}\" is no number of milliseconds: give digits only"),
        .. NoDevice("delay", "Device lookup failed"),
    ];

    private static IEnumerable<Reason> Flakey =>
    [
        Of("flakey", "Invalid argument count", "flakey takes DEVICE START UP DOWN at least, and got \"{words}\": add what is missing"),
        Of("flakey", "Invalid device sector", "the start in \"{words}\" is no number of sectors: give digits only"),
        Of("flakey", "Invalid up interval", "the times in \"{words}\" are not both numbers of seconds: give UP and DOWN in digits"),
        Of("flakey", "Invalid down interval", "the second time in \"{words}\" is no number of seconds: give DOWN in digits"),
        Of("flakey", "Total (up + down) interval is zero", "flakey that is neither up nor down is nothing: give UP or DOWN at least a second"),
        Of("flakey", "Interval overflow", "UP and DOWN together are more than 4294967295 seconds: make them shorter"),
        Of("flakey", "Invalid number of feature args",
            "the number before the features in \"{words}\" is not the number of words behind it (at most 6): count them again"),
        Of("flakey", "Insufficient feature arguments", "the number before the features in \"{words}\" promises more words than follow: count them again"),
        Of("flakey", "Feature {feature} duplicated", "{feature} stands twice: once is enough"),
        Of("flakey", "Feature {feature} conflicts with feature {other}",
            "writes cannot be dropped in silence and failed at once: choose {feature} or {other}"),
        Of("flakey", "Unrecognised flakey feature requested",
            "\"{words}\" has a feature that flakey does not know: it knows drop_writes, error_writes and corrupt_bio_byte"),
        Of("flakey", "Feature corrupt_bio_byte requires parameters",
            "corrupt_bio_byte needs four words, BYTE r|w VALUE FLAGS, and they count: add them, and 4 to the number before the features"),
        Of("flakey", "Feature corrupt_bio_byte requires 4 parameters",
            "corrupt_bio_byte needs 4 words, BYTE r|w VALUE FLAGS, and they count: add what is missing, and raise the number before the features"),
        Of("flakey", "Invalid corrupt bio byte", "the byte to spoil in \"{words}\" is no number from 1: give its place in the I/O"),
        Of("flakey", "Invalid corrupt bio direction (r or w)", "corrupt_bio_byte spoils reads (r) or writes (w), and \"{words}\" says neither: give one"),
        Of("flakey", "Invalid corrupt value to write into bio byte (0-255)", "the value in \"{words}\" is no byte: give 0 to 255"),
        Of("flakey", "Invalid corrupt bio flags mask", "the flags in \"{words}\" are no number: give 0 for any I/O"),
        Of("flakey", "Invalid random corrupt argument",
            "the share of I/O to spoil in \"{words}\" is none: give a number from 0 to 1000000000, of as many"),
        Of("flakey", "Feature {feature} requires a parameter",
            "{feature} needs the share of I/O to spoil behind it, and that counts: add it, and 1 to the number before the features"),
        Of("flakey", "{feature} is incompatible with {spoilt} with the WRITE flag set",
            "writes that are spoilt have to arrive, so {feature} does not go with {spoilt} for writes: leave one out"),
        Of("flakey", "error_reads is incompatible with random_read_corrupt or corrupt_bio_byte with the READ flag set",
            "reads that are spoilt have to arrive, so error_reads does not go with them: leave one out"),
        .. NoDevice("flakey", "Device lookup failed"),
    ];

    public static IReadOnlyList<Reason> All { get; } = [.. Linear, .. Striped, .. ZeroAndError, .. Delay, .. Flakey];
}
