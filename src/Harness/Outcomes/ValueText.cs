using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using DmSim.Abi;

namespace DmSim.Harness.Outcomes;

/// <summary>Decoded values as the text that is compared, reported and kept in traces.</summary>
internal static class ValueText
{
    private static readonly ConcurrentDictionary<DmFlags, string> KnownFlags = new();

    /// <summary>"EXISTS|ACTIVE_PRESENT"; bits without a name in hexadecimal.</summary>
    public static string Flags(DmFlags flags) => KnownFlags.TryGetValue(flags, out string? known) ? known : NewFlags(flags);

    private const int MaxKnownFlags = 4096;

    private static string NewFlags(DmFlags flags)
    {
        var text = new StringBuilder();
        uint rest = (uint)flags;
        foreach (var flag in Enum.GetValues<DmFlags>())
        {
            if (flag == DmFlags.None || (rest & (uint)flag) == 0)
                continue;
            rest &= ~(uint)flag;
            string name = flag.ToString();
            name = name.EndsWith("_FLAG", StringComparison.Ordinal) ? name[..^"_FLAG".Length] : name;
            text.Append(text.Length == 0 ? "" : "|").Append(name.AsSpan("DM_".Length));
        }
        if (rest != 0)
            text.Append(text.Length == 0 ? "" : "|").Append(CultureInfo.InvariantCulture, $"0x{rest:x}");
        string answer = text.Length == 0 ? "0" : text.ToString();
        if (KnownFlags.Count < MaxKnownFlags)
            KnownFlags.TryAdd(flags, answer);
        return answer;
    }

    private static readonly string[] SmallNumbers = [.. Enumerable.Range(0, 1024).Select(n => n.ToString(CultureInfo.InvariantCulture))];

    public static string Number(long value) => value is >= 0 and < 1024
        ? SmallNumbers[value] : value.ToString(CultureInfo.InvariantCulture);

    public static string Errno(Errno errno) => Enum.IsDefined(errno) ? errno.ToString() : "errno " + (int)errno;

    public static string Hash(ulong hash) => hash.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>"start length type parameters", one per line.</summary>
    public static string Lines(IReadOnlyList<TableLine> lines) => lines.Count == 1 ? lines[0].ToString() : string.Join('\n', lines);

    /// <summary>The line, its fields with one space between. Of "stat" not the times: those of ticks, io_ticks and time_in_queue.</summary>
    public static string Attribute(string path, string text)
    {
        string[] fields = text.TrimEnd('\n').Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (path == "stat")
        {
            foreach (int time in TimesOfStat.Where(time => time < fields.Length))
                fields[time] = "-";
        }
        return string.Join(' ', fields);
    }

    private static readonly int[] TimesOfStat = [3, 7, 9, 10, 14, 16];

    public static string Deps(IReadOnlyList<DeviceNumber> deps) => string.Join(' ', deps);

    public static string Listing(IReadOnlyList<DmListedDevice> devices) => string.Join('\n', devices.Select(d => string.Create(
        CultureInfo.InvariantCulture, $"{d.Name} {d.Number} event {d.EventNr} flags {(uint)d.Flags}{(d.Uuid is null ? "" : " uuid " + d.Uuid)}")));

    public static string Targets(IReadOnlyList<DmTargetVersion> targets) => string.Join('\n', targets);

    public static string Log(IReadOnlyList<LogLine> lines) => string.Join('\n', lines.Select(l => string.Create(
        CultureInfo.InvariantCulture, $"<{l.Level}>{l.Text}")));

    public static string Uevents(IReadOnlyList<Uevent> events) => string.Join('\n', events.Select(e =>
        e.Variables.Count == 0 ? $"{e.Action} {e.Device}" : $"{e.Action} {e.Device} {string.Join(' ', e.Variables)}"));

    /// <summary>"3:EIO 5-7:EIO".</summary>
    public static string Unreadable(IReadOnlyList<FailedPieces> failed) => string.Join(' ', failed.Select(f => f.Count == 1
        ? $"{f.First}:{Errno(f.Errno)}" : $"{f.First}-{f.First + f.Count - 1}:{Errno(f.Errno)}"));

    /// <summary>What was read: "zeros", or a digest.</summary>
    public static string Data(ReadOnlySpan<byte> data) => data.IndexOfAnyExcept((byte)0) < 0 ? "zeros"
        : Hash(ContentDigest.Compute(data[..(data.Length & ~31)]));

    /// <summary>"21 blocks 0f3c…": what of a device is not zeros, and a digest of that.</summary>
    public static string Dump(MachineReply.Dump dump)
    {
        ulong hash = dump.Size;
        foreach (var block in dump.Blocks)
            hash = ContentDigest.Compute(block.Data.AsSpan(0, block.Data.Length & ~31), unchecked(hash + (ulong)block.Index));
        return string.Create(CultureInfo.InvariantCulture, $"{dump.Blocks.Count} blocks {Hash(hash)}");
    }

    /// <summary>All limits but the size; those that an ordinary disk of 512-byte blocks has by default are left out.</summary>
    public static string Limits(DeviceLimits limits)
    {
        var text = new StringBuilder();
        Add(text, "ro", limits.ReadOnly ? 1u : 0, 0);
        Add(text, "logical", limits.LogicalBlockSize, 512);
        Add(text, "physical", limits.PhysicalBlockSize, 512);
        Add(text, "io-min", limits.IoMin, 512);
        Add(text, "io-opt", limits.IoOpt, 0);
        if (limits.AlignmentOffset != 0)
            text.Append(CultureInfo.InvariantCulture, $" alignment={limits.AlignmentOffset}");
        Add(text, "discard-max", limits.DiscardMaxBytes, 0);
        Add(text, "discard-granularity", limits.DiscardGranularity, 0);
        Add(text, "write-zeroes-max", limits.WriteZeroesMaxBytes, 0);
        Add(text, "chunk", limits.ChunkSectors, 0);
        Add(text, "write-back", limits.WriteBackCache ? 1u : 0, 0);
        Add(text, "fua", limits.Fua ? 1u : 0, 0);
        Add(text, "rotational", limits.Rotational ? 1u : 0, 0);
        return text.Length == 0 ? "plain" : text.ToString(1, text.Length - 1);
    }

    private static void Add(StringBuilder text, string key, ulong value, ulong usual)
    {
        if (value != usual)
            text.Append(' ').Append(key).Append('=').Append(value.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>All bytes of a reply as one word: in full when short or asked for, else a digest.</summary>
    public static string Bytes(byte[] buffer)
    {
        byte[] padded = buffer;
        if (buffer.Length % 32 != 0)
            Array.Resize(ref padded, (buffer.Length + 31) & ~31);
        return Hash(ContentDigest.Compute(padded, (ulong)buffer.Length));
    }
}
