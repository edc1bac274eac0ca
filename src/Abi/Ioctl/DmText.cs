using System.Text;

namespace DmSim.Abi;

/// <summary>
/// Text of the ioctl interface as strings: one char is one byte (Latin-1), so that any bytes can be said, lengths are the
/// kernel's, and decoding loses nothing. What a person typed as UTF-8 comes in through <see cref="FromUtf8"/>.
/// </summary>
public static class DmText
{
    /// <summary>Copies the text into a field, cut where the field ends; no terminator is added beyond what was there.</summary>
    public static void Put(ReadOnlySpan<char> text, Span<byte> field)
    {
        if (text.Length > field.Length)
            text = text[..field.Length];
        for (int i = 0; i < text.Length; i++)
            field[i] = unchecked((byte)text[i]);
    }

    /// <summary>The bytes up to the first zero, or all of them when there is none.</summary>
    public static string Get(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? field : field[..end]);
    }

    /// <summary>The bytes up to the first zero; false when there is none.</summary>
    public static bool TryGetTerminated(ReadOnlySpan<byte> bytes, out string text)
    {
        int end = bytes.IndexOf((byte)0);
        text = end < 0 ? "" : Encoding.Latin1.GetString(bytes[..end]);
        return end >= 0;
    }

    /// <summary>Text from outside (an argument, a file) as the bytes that a UTF-8 terminal would have sent.</summary>
    public static string FromUtf8(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>For showing to people: the bytes read as UTF-8.</summary>
    public static string ToUtf8(string text) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(text));

    /// <summary>Rounds up to a multiple of 8, as records of the payload are aligned (align_val, drivers/md/dm-ioctl.c, 6.1).</summary>
    public static int Align(int length) => checked(length + 7) & ~7;
}
