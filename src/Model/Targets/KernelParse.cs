using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Model.Targets;

/// <summary>
/// Numbers as target constructors read them. Texts are one char per byte. What each accepts differs: sscanf skips blanks and
/// wraps too large values or makes them the largest, kstrto* takes a plus sign and a line feed and refuses too large ones.
/// </summary>
public static class KernelParse
{
    /// <summary>sscanf(text, "%llu%c") == 1: blanks, then digits to the end.</summary>
    public static bool U64(string text, KernelProfile profile, out ulong value)
    {
        var scan = new Scanner(text, profile);
        return scan.U64(out value) && scan.AtEnd;
    }

    /// <summary>sscanf(text, "%u%c") == 1: as <see cref="U64"/>, cut to 32 bits.</summary>
    public static bool U32(string text, KernelProfile profile, out uint value)
    {
        var scan = new Scanner(text, profile);
        return scan.U32(out value) && scan.AtEnd;
    }

    /// <summary>
    /// kstrtouint with base 10 (lib/kstrtox.c, 6.1), the only one that the targets ask for: an optional plus, digits, an optional line
    /// feed at the end, and no more than 32 bits.
    /// </summary>
    public static bool KstrToUInt(string text, out uint value)
    {
        bool found = KstrToULong(text, out ulong wide) && wide <= uint.MaxValue;
        value = found ? (uint)wide : 0;
        return found;
    }

    /// <summary>kstrtoull with base 10.</summary>
    public static bool KstrToULong(string text, out ulong value)
    {
        value = 0;
        var rest = text.AsSpan();
        if (rest.StartsWith("+"))
            rest = rest[1..];
        int digits = 0;
        for (; digits < rest.Length && char.IsAsciiDigit(rest[digits]); digits++)
        {
            uint digit = (uint)(rest[digits] - '0');
            if (value > (ulong.MaxValue - digit) / 10)
                return false;
            value = value * 10 + digit;
        }
        rest = rest[digits..];
        return digits > 0 && (rest.IsEmpty || rest.SequenceEqual("\n"));
    }

    /// <summary>strcasecmp() == 0 for a word of ASCII.</summary>
    public static bool SameWord(string text, string word) => string.Equals(text, word, StringComparison.OrdinalIgnoreCase);
}
