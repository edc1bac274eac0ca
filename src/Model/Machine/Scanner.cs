using DmSim.Model.Profiles;

namespace DmSim.Model.Machine;

/// <summary>
/// The kernel's sscanf (lib/vsprintf.c, 6.1) for the formats that device-mapper parses with. A text is one char per byte.
/// A conversion that fails leaves the scanner where it is.
/// </summary>
internal struct Scanner(string text, KernelProfile profile)
{
    private readonly bool _saturates = profile.Has(KernelRule.ScannedNumbersSaturate);
    private int _at;

    /// <summary>Whether nothing is left: a trailing "%c" would find no character.</summary>
    public readonly bool AtEnd => _at == text.Length;

    /// <summary>"%llu" or "%lu": blanks, then decimal digits; no sign. Past 64 bits the value wraps, or stays the largest.</summary>
    public bool U64(out ulong value)
    {
        value = 0;
        int at = _at;
        while (at < text.Length && KernelChars.IsSpace(text[at]))
            at++;
        int first = at;
        for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
        {
            uint digit = (uint)(text[at] - '0');
            value = _saturates && value > (ulong.MaxValue - digit) / 10 ? ulong.MaxValue : unchecked(value * 10 + digit);
        }
        if (at == first)
            return false;
        _at = at;
        return true;
    }

    /// <summary>"%u": as <see cref="U64"/>, cut to 32 bits.</summary>
    public bool U32(out uint value)
    {
        bool found = U64(out ulong wide);
        value = unchecked((uint)wide);
        return found;
    }

    /// <summary>"%d": a minus sign may come first; cut to 32 bits.</summary>
    public bool S32(out int value)
    {
        int at = _at;
        while (at < text.Length && KernelChars.IsSpace(text[at]))
            at++;
        bool negative = at < text.Length && text[at] == '-' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]);
        var rest = new Scanner(text, profile) { _at = negative ? at + 1 : at };
        bool found = rest.U64(out ulong magnitude);
        value = unchecked((int)(negative ? 0 - magnitude : magnitude));
        if (found)
            _at = rest._at;
        return found;
    }

    /// <summary>A character of the format that must match.</summary>
    public bool Literal(char c)
    {
        if (AtEnd || text[_at] != c)
            return false;
        _at++;
        return true;
    }
}

/// <summary>Character classes as the kernel has them (lib/ctype.c): bytes above 127 are Latin-1.</summary>
internal static class KernelChars
{
    /// <summary>isspace: besides ASCII's six, the no-break space 0xa0.</summary>
    public static bool IsSpace(int c) => c is ' ' or (>= '\t' and <= '\r') or 0xa0;
}
