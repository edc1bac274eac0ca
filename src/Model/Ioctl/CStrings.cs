using System.Text;

namespace DmSim.Model.Ioctl;

/// <summary>Zero-terminated strings in byte fields. As text, one char is one byte.</summary>
internal static class CStrings
{
    public static ReadOnlySpan<byte> Until0(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    public static string ToText(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>strlcpy: bytes after the terminator stay as they were.</summary>
    public static void Put(ReadOnlySpan<byte> text, Span<byte> field)
    {
        text.CopyTo(field);
        field[text.Length] = 0;
    }
}
