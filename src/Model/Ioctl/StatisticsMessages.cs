using DmSim.Abi;
using DmSim.Model.Machine;

namespace DmSim.Model.Ioctl;

/// <summary>
/// The @stats_* messages (dm_stats_message, drivers/md/dm-stats.c, 6.1) on a machine that keeps no statistics: the words are
/// checked as the kernel checks them, no region exists, and to make one is refused with EOPNOTSUPP, where the kernel would.
/// </summary>
internal static class StatisticsMessages
{
    /// <summary>False when the message is none of these.</summary>
    /// <param name="result">Where the answer would go, with what lies there now.</param>
    public static bool TryAnswer(
        SimulatedKernel kernel, string[] argv, ReadOnlySpan<byte> result, out Errno errno, out string? answer)
    {
        answer = null;
        errno = Errno.None;
#pragma warning disable CA1308 // The kernel compares without case; what it knows is written in lower case.
        switch (argv[0].ToLowerInvariant())
#pragma warning restore CA1308
        {
            case "@stats_create":
                errno = CheckCreate(argv);
                break;
            case "@stats_delete" or "@stats_clear":
                errno = CheckRegion(argv, argv.Length == 2);
                break;
            case "@stats_set_aux":
                errno = CheckRegion(argv, argv.Length == 3);
                break;
            case "@stats_print" or "@stats_print_clear":
                errno = CheckPrint(argv);
                break;
            case "@stats_list" when argv.Length <= 2:
                // Nothing is written for no regions, and what lies there is taken for the text: the message itself.
                answer = CStrings.ToText(CStrings.Until0(result));
                break;
            case "@stats_list":
                errno = Errno.EINVAL;
                break;
            default:
                return false;
        }
        if (errno == Errno.EINVAL)
            kernel.Log.Crit("stats", $"Invalid parameters for message {argv[0]}");
        return true;
    }

    /// <summary>A region's number, of which there are none: ENOENT, or EINVAL when it is no number.</summary>
    private static Errno CheckRegion(string[] argv, bool countIsRight)
    {
        if (!countIsRight)
            return Errno.EINVAL;
        var scan = new Scanner(argv[1]);
        return scan.S32(out int id) && scan.AtEnd && id >= 0 ? Errno.ENOENT : Errno.EINVAL;
    }

    private static Errno CheckPrint(string[] argv)
    {
        var errno = CheckRegion(argv, argv.Length is 2 or 4);
        foreach (string word in argv.Skip(2))
        {
            var scan = new Scanner(word);
            if (word != "-" && !(scan.U64(out _) && scan.AtEnd))
                errno = Errno.EINVAL;
        }
        return errno;
    }

    /// <summary>message_stats_create up to the point where the region would be made.</summary>
    private static Errno CheckCreate(string[] argv)
    {
        if (argv.Length < 3 || !IsRange(argv[1]) || !IsStep(argv[2]))
            return Errno.EINVAL;
        int next = 3;
        if (next < argv.Length && TryWholeU32(argv[next], out uint features))
        {
            bool histogram = false;
            for (next++; features > 0; features--, next++)
            {
                if (next >= argv.Length || !IsFeature(argv[next], ref histogram))
                    return Errno.EINVAL;
            }
        }
        const int programAndAux = 2;
        return argv.Length - next <= programAndAux ? Errno.EOPNOTSUPP : Errno.EINVAL;
    }

    private static bool IsRange(string word)
    {
        if (word == "-")
            return true;
        var scan = new Scanner(word);
        return scan.U64(out ulong start) && scan.Literal('+') && scan.U64(out ulong length) && scan.AtEnd
            && unchecked(start + length) > start;
    }

    private static bool IsStep(string word)
    {
        if (word.StartsWith('/') && TryWholeU32(word[1..], out uint divisor))
            return divisor != 0;
        var scan = new Scanner(word);
        return scan.U64(out ulong step) && scan.AtEnd && step != 0;
    }

    private static bool TryWholeU32(string word, out uint value)
    {
        var scan = new Scanner(word);
        return scan.U32(out value) && scan.AtEnd;
    }

    private static bool IsFeature(string word, ref bool histogram)
    {
        const string prefix = "histogram:";
        if (word.Equals("precise_timestamps", StringComparison.OrdinalIgnoreCase))
            return true;
        if (histogram || !word.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            return false;
        histogram = true;
        var scan = new Scanner(word[prefix.Length..]);
        for (ulong last = 0; scan.U64(out ulong bound) && bound > last; last = bound)
        {
            if (scan.AtEnd)
                return true;
            if (!scan.Literal(','))
                return false;
        }
        return false;
    }
}
