using System.Globalization;
using System.Text;
using DmSim.Abi;

namespace DmSim.Harness.PlantedBugs;

/// <summary>Bugs in what @stats_* messages answer.</summary>
internal static class StatisticsBugs
{
    public static IReadOnlyList<PlantedBug> All { get; } =
    [
        PlantedBug.At("stats-merges", "no I/O continues the one before it", () => new WrongCounters(words => words[2] = words[6] = "0")),
        PlantedBug.At("stats-sectors", "sectors written are counted in bytes", () => new WrongCounters(words =>
            words[7] = (Number(words[7]) * 512).ToString(CultureInfo.InvariantCulture))),
        PlantedBug.At("stats-area-size", "areas are shown ten times as long as they are", () => new WrongCounters(words => words[0] += "0")),
        PlantedBug.At("stats-reads-and-writes", "reads are counted as writes", () => new WrongCounters(words =>
            (words[1], words[5]) = (words[5], words[1]))),
        PlantedBug.At("stats-histogram", "what took no time is in no bucket", () => new WrongCounters(words =>
            words[^1] = words[^1].Contains(':', StringComparison.Ordinal) ? "0" + words[^1][words[^1].IndexOf(':', StringComparison.Ordinal)..] : words[^1])),
        PlantedBug.At("stats-duration", "I/O takes a second longer than it does", () => new WrongCounters(words =>
            words[4] = words[1] == "0" ? words[4] : (Number(words[4]) + 999_999_999).ToString(CultureInfo.InvariantCulture))),
        PlantedBug.At("stats-clear-ignored", "what is printed to be cleared is not cleared", () => new ClearIsIgnored()),
    ];

    private static ulong Number(string word) => ulong.Parse(word, CultureInfo.InvariantCulture);

    /// <summary>The lines of counters in an answer are not what they should be.</summary>
    private sealed class WrongCounters(Action<string[]> change) : Mutation
    {
        private const int Numbers = 14;

        public override Errno Reply(DmCommand command, ReadOnlySpan<byte> request, Span<byte> reply, Errno errno)
        {
            if (command != DmCommand.DM_TARGET_MSG || errno != Errno.None)
                return errno;
            var header = new DmIoctl(reply);
            int start = (int)header.DataStart, length = (int)header.DataSize - start - 1;
            if ((header.Flags & DmFlags.DM_DATA_OUT_FLAG) == 0 || length <= 0)
                return errno;
            string text = string.Join('\n', Encoding.Latin1.GetString(reply.Slice(start, length)).Split('\n').Select(Changed));
            byte[] bytes = Encoding.Latin1.GetBytes(text + '\0');
            if (bytes.Length > reply.Length - start)
                return errno;
            bytes.CopyTo(reply[start..]);
            header.DataSize = (uint)(start + bytes.Length);
            return errno;
        }

        private string Changed(string line)
        {
            string[] words = line.Split(' ');
            if (words.Length >= Numbers)
                change(words);
            return string.Join(' ', words);
        }
    }

    private sealed class ClearIsIgnored : Mutation
    {
        public override void Request(DmCommand command, Span<byte> request)
        {
            int at = command == DmCommand.DM_TARGET_MSG ? request.IndexOf("_print_clear "u8) : -1;
            if (at >= 0)
                request.Slice(at + "_print".Length, "_clear".Length).Fill((byte)' ');
        }
    }
}
