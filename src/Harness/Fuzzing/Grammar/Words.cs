namespace DmSim.Harness.Fuzzing.Grammar;

/// <summary>Short names for parts, with which the families read like the kernel's own documentation.</summary>
internal static class Words
{
    public static Part Word(string text) => new Part.Word(text);

    /// <summary>A sector of a device.</summary>
    public static Part Sector(string name = "start") => new Part.Number(name, 64, 0, Ground.DataSectors - 1, [0, 0, 0, 8, 128]);

    public static Part UInt(string name, ulong first, ulong last, params ulong[] usual) => new Part.Number(name, 32, first, last, usual);

    public static Part ULong(string name, ulong first, ulong last, params ulong[] usual) => new Part.Number(name, 64, first, last, usual);

    public static Part Hex(string name, int bytes) => new Part.Hex(name, bytes);

    public static Part Data(string name = "device") => new Part.Device(name, DeviceUse.Data);

    public static Part Store(string name = "metadata") => new Part.Device(name, DeviceUse.Metadata);

    public static Part Pool(string name = "pool") => new Part.Device(name, DeviceUse.Pool);

    public static Part OneOf(params Part[] options) => new Part.OneOf(options);

    /// <summary>One of several words.</summary>
    public static Part OneOf(params string[] words) => new Part.OneOf([.. words.Select(Word)]);

    public static Part All(params Part[] parts) => new Part.Sequence(parts);

    public static Part Maybe(params Part[] parts) => new Part.Maybe(parts.Length == 1 ? parts[0] : All(parts));

    public static Part Features(string name, params Part[] options) => new Part.Features(name, options);

    public static Part Times(string name, int least, int most, params Part[] each) => new Part.Times(name, least, most, All(each));

    public static Part Times(string name, int least, int most, Part between, Part each) => new Part.Times(name, least, most, each, between);

    public static Part Glued(string before, Part inner) => new Part.Glued(before, inner);

    /// <summary>A key and its value, as two words.</summary>
    public static Part Pair(string key, Part value) => All(Word(key), value);

    public static Part None { get; } = new Part.Sequence([]);

    public const ulong Max32 = uint.MaxValue;
    public const ulong Max64 = ulong.MaxValue;
}
