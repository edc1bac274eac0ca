using DmSim.Abi;
using DmSim.Model.Devices;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using DmSim.Model.Statistics;
using DmSim.Model.Targets;

namespace DmSim.Model.Ioctl;

/// <summary>
/// What a message answers. The text is null where there is none (the kernel's 0, not 1); an empty one means that nothing was written
/// to the buffer for answers, and what lies there goes back.
/// </summary>
internal readonly record struct MessageAnswer(Errno Errno, string? Text = null)
{
    public static implicit operator MessageAnswer(Errno errno) => new(errno);
}

/// <summary>The @stats_* messages (dm_stats_message, drivers/md/dm-stats.c, 6.1). Names are compared without case.</summary>
internal static class StatisticsMessages
{
    private const string IntMax = "2147483647";

    /// <summary>Null when the message is none of these.</summary>
    /// <param name="room">Bytes of the buffer for the answer.</param>
    public static Task<MessageAnswer>? TryAnswer(SimulatedKernel kernel, MappedDevice device, string[] argv, int room)
    {
        var statistics = device.Statistics;
        var profile = kernel.Profile;
#pragma warning disable CA1308 // What the kernel knows is written in lower case.
        Task<MessageAnswer>? answer = argv[0].ToLowerInvariant() switch
#pragma warning restore CA1308
        {
            "@stats_create" => CreateAsync(device, argv, room),
            "@stats_delete" => Now(TryId(argv, argv.Length == 2, profile, out int id) ? statistics.Delete(id) : Errno.EINVAL),
            "@stats_clear" => Now(Clear(statistics, argv, profile)),
            "@stats_list" => Now(List(statistics, argv)),
            "@stats_print" => Now(Print(statistics, argv, clear: false, room, profile)),
            "@stats_print_clear" => Now(Print(statistics, argv, clear: true, room, profile)),
            "@stats_set_aux" => Now(TryId(argv, argv.Length == 3, profile, out int id) ? statistics.SetAux(id, argv[2]) : Errno.EINVAL),
            _ => null,
        };
        if (answer is { IsCompletedSuccessfully: true, Result.Errno: Errno.EINVAL })
            LogInvalid(kernel, $"Invalid parameters for message {argv[0]}");
        return answer;
    }

    private static void LogInvalid(SimulatedKernel kernel, string text)
    {
        if (kernel.Profile.Has(KernelRule.RefusalsAreErrors))
            kernel.Log.Crit("stats", text);
        else
            kernel.Log.Warn("stats", text);
    }

    private static Task<MessageAnswer> Now(MessageAnswer answer) => Task.FromResult(answer);

    /// <summary>"%d%c": a region's number, which is not negative.</summary>
    private static bool TryId(string[] argv, bool countIsRight, KernelProfile profile, out int id)
    {
        id = 0;
        if (!countIsRight)
            return false;
        var scan = new Scanner(argv[1], profile);
        return scan.S32(out id) && scan.AtEnd && id >= 0;
    }

    /// <summary>message_stats_clear: answers a text, of which it writes nothing.</summary>
    private static MessageAnswer Clear(DeviceStatistics statistics, string[] argv, KernelProfile profile)
    {
        if (!TryId(argv, argv.Length == 2, profile, out int id))
            return Errno.EINVAL;
        var errno = statistics.Clear(id);
        return new MessageAnswer(errno, errno == Errno.None ? "" : null);
    }

    /// <summary>message_stats_list.</summary>
    private static MessageAnswer List(DeviceStatistics statistics, string[] argv) =>
        argv.Length > 2 ? Errno.EINVAL : new MessageAnswer(Errno.None, statistics.List(argv.Length > 1 ? argv[1] : null));

    /// <summary>message_stats_print.</summary>
    private static MessageAnswer Print(DeviceStatistics statistics, string[] argv, bool clear, int room, KernelProfile profile)
    {
        ulong from = 0, count = ulong.MaxValue;
        if (!TryId(argv, argv.Length is 2 or 4, profile, out int id))
            return Errno.EINVAL;
        if (argv.Length == 4 && !(IsNumberOrDash(argv[2], profile, ref from) && IsNumberOrDash(argv[3], profile, ref count)))
            return Errno.EINVAL;
        var errno = statistics.Print(id, from, count, clear, room, out string text);
        return new MessageAnswer(errno, errno == Errno.None ? text : null);
    }

    private static bool IsNumberOrDash(string word, KernelProfile profile, ref ulong value) =>
        word == "-" || KernelParse.U64(word, profile, out value);

    /// <summary>message_stats_create.</summary>
    private static Task<MessageAnswer> CreateAsync(MappedDevice device, string[] argv, int room)
    {
        if (!TryParseCreate(device, argv, out var range, out string programId, out string auxData))
            return Now(Errno.EINVAL);
        // A number that does not fit must be known before there is a region: user space asks again with more room.
        if (IntMax.Length + 1 >= room)
            return Now(new MessageAnswer(Errno.None, IntMax));
        return MakeAsync(device, range!, programId, auxData);
    }

    private static async Task<MessageAnswer> MakeAsync(MappedDevice device, StatisticsRange range, string programId, string auxData)
    {
        var (errno, id) = await device.Statistics.CreateAsync(range, programId, auxData);
        return new MessageAnswer(errno, errno == Errno.None ? id.ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
    }

    private static bool TryParseCreate(
        MappedDevice device, string[] argv, out StatisticsRange? range, out string programId, out string auxData)
    {
        (range, programId, auxData) = (null, "-", "-");
        var profile = device.Kernel.Profile;
        if (argv.Length < 3 || !TryRange(device, argv[1], out ulong start, out ulong end) || !TryStep(argv[2], end - start, profile, out ulong step))
            return false;
        int next = 3;
        bool precise = false;
        ulong[] boundaries = [];
        if (next < argv.Length && KernelParse.U32(argv[next], profile, out uint features))
        {
            for (next++; features > 0; features--, next++)
            {
                if (next >= argv.Length || !TryFeature(argv[next], profile, ref precise, ref boundaries))
                    return false;
            }
        }
        if (next < argv.Length)
            programId = argv[next++];
        if (next < argv.Length)
            auxData = argv[next++];
        range = new StatisticsRange(start, end, step, precise, boundaries);
        return next == argv.Length;
    }

    /// <summary>"start+length", or "-" for the whole device as it is now.</summary>
    private static bool TryRange(MappedDevice device, string word, out ulong start, out ulong end)
    {
        ulong length;
        if (word == "-")
        {
            start = 0;
            length = Math.Max(1, device.Capacity.Value);
        }
        else
        {
            length = 0;
            var scan = new Scanner(word, device.Kernel.Profile);
            if (!(scan.U64(out start) && scan.Literal('+') && scan.U64(out length) && scan.AtEnd))
            {
                end = 0;
                return false;
            }
        }
        end = unchecked(start + length);
        return start < end;
    }

    /// <summary>Sectors of an area, or "/n" for n areas.</summary>
    private static bool TryStep(string word, ulong length, KernelProfile profile, out ulong step)
    {
        if (word.StartsWith('/') && KernelParse.U32(word[1..], profile, out uint divisor))
        {
            step = divisor == 0 ? 0 : length / divisor + (length % divisor == 0 ? 0UL : 1);
            return step != 0;
        }
        return KernelParse.U64(word, profile, out step) && step != 0;
    }

    private static bool TryFeature(string word, KernelProfile profile, ref bool precise, ref ulong[] boundaries)
    {
        const string prefix = "histogram:";
        if (word.Equals("precise_timestamps", StringComparison.OrdinalIgnoreCase))
        {
            precise = true;
            return true;
        }
        return boundaries.Length == 0 && word.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
            && TryBoundaries(word[prefix.Length..], profile, out boundaries);
    }

    /// <summary>parse_histogram: numbers that ascend from above zero, with commas between.</summary>
    private static bool TryBoundaries(string text, KernelProfile profile, out ulong[] boundaries)
    {
        var found = new List<ulong>();
        var scan = new Scanner(text, profile);
        boundaries = [];
        for (ulong last = 0; scan.U64(out ulong bound) && bound > last; last = bound)
        {
            found.Add(bound);
            if (scan.AtEnd)
            {
                boundaries = [.. found];
                return true;
            }
            if (!scan.Literal(','))
                return false;
        }
        return false;
    }
}
