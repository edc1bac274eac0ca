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
    /// kstrtouint (lib/kstrtox.c, 6.1): an optional plus, digits, an optional line feed at the end, and no more than 32 bits.
    /// With base 0 a prefix 0x or 0 tells hexadecimal or octal; with base 16 the prefix 0x may be there.
    /// </summary>
    public static bool KstrToUInt(string text, uint radix, out uint value)
    {
        bool found = KstrToULong(text, radix, out ulong wide) && wide <= uint.MaxValue;
        value = found ? (uint)wide : 0;
        return found;
    }

    /// <summary>kstrtoull.</summary>
    public static bool KstrToULong(string text, uint radix, out ulong value)
    {
        value = 0;
        var rest = text.AsSpan();
        if (rest.StartsWith("+"))
            rest = rest[1..];
        rest = SkipPrefix(rest, ref radix);
        int digits = 0;
        for (; digits < rest.Length && Digit(rest[digits]) < radix; digits++)
        {
            uint digit = Digit(rest[digits]);
            if (value > (ulong.MaxValue - digit) / radix)
                return false;
            value = value * radix + digit;
        }
        rest = rest[digits..];
        return digits > 0 && (rest.IsEmpty || rest.SequenceEqual("\n"));
    }

    /// <summary>_parse_integer_fixup_radix. A lone "0x" is a zero followed by rubbish.</summary>
    private static ReadOnlySpan<char> SkipPrefix(ReadOnlySpan<char> text, scoped ref uint radix)
    {
        bool hexadecimal = text.Length >= 2 && text[0] == '0' && (text[1] | 0x20) == 'x';
        if (radix == 0)
        {
            if (hexadecimal && text.Length >= 3 && Digit(text[2]) < 16)
                radix = 16;
            else
                radix = text.Length > 0 && text[0] == '0' ? 8u : 10u;
        }
        return radix == 16 && hexadecimal ? text[2..] : text;
    }

    private static uint Digit(char c) => c switch
    {
        >= '0' and <= '9' => (uint)(c - '0'),
        >= 'a' and <= 'f' => (uint)(c - 'a' + 10),
        >= 'A' and <= 'F' => (uint)(c - 'A' + 10),
        _ => uint.MaxValue,
    };

    /// <summary>strcasecmp() == 0 for a word of ASCII.</summary>
    public static bool SameWord(string text, string word) => string.Equals(text, word, StringComparison.OrdinalIgnoreCase);
}
