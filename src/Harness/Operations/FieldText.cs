using System.Globalization;
using System.Text;
using DmSim.Abi;

namespace DmSim.Harness.Operations;

/// <summary>The text is no operation. Caught where text is read; never leaves <see cref="OperationText"/>.</summary>
internal sealed class FieldTextException(string message) : FormatException(message);

/// <summary>Values of operation fields as text, both ways.</summary>
internal static class FieldText
{
    public static ulong ParseNumber(string key, string? text, ulong max)
    {
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) || value > max)
            throw new FieldTextException($"{key}={text}: not a number from 0 to {max}");
        return value;
    }

    public static uint ParseHex(string key, string text)
    {
        if (!text.StartsWith("0x", StringComparison.Ordinal)
            || !uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value))
            throw new FieldTextException($"{key}={text}: not a hexadecimal number such as 0x40");
        return value;
    }

    public static string PrintSize(Bytes value) =>
        value.IsSectorAligned ? value.ToSectorsFloor() + "s" : value.ToString();

    public static Bytes ParseSize(string key, string? text) => text is not null && text.EndsWith('s')
        ? new Sectors(ParseNumber(key, text[..^1], ulong.MaxValue >> Sectors.Shift)).ToBytes()
        : new Bytes(ParseNumber(key, text, ulong.MaxValue));

    private static readonly (OpenMode Mode, string Text)[] Modes =
    [
        (OpenMode.Read, "r"),
        (OpenMode.Write, "w"),
        (OpenMode.ReadWrite, "rw"),
        (OpenMode.Read | OpenMode.Exclusive, "r,excl"),
        (OpenMode.Write | OpenMode.Exclusive, "w,excl"),
        (OpenMode.ReadWrite | OpenMode.Exclusive, "rw,excl"),
    ];

    public static string PrintMode(OpenMode mode)
    {
        foreach (var row in Modes)
        {
            if (row.Mode == mode)
                return row.Text;
        }
        throw new ArgumentOutOfRangeException(nameof(mode), mode, "a device is opened to read, to write, or both");
    }

    public static OpenMode ParseMode(string key, string? text)
    {
        foreach (var row in Modes)
        {
            if (row.Text == text)
                return row.Mode;
        }
        throw new FieldTextException($"{key}={text}: not one of {string.Join(" ", Modes.Select(row => row.Text))}");
    }

    public static DeviceNumber ParseDevice(string key, string text)
    {
        int colon = text.IndexOf(':');
        if (colon < 0)
            throw new FieldTextException($"{key}={text}: not major:minor");
        return new DeviceNumber((uint)ParseNumber(key, text[..colon], uint.MaxValue), (uint)ParseNumber(key, text[(colon + 1)..], uint.MaxValue));
    }

    /// <summary>"start length type parameters"; what would split a type in two is written %xx.</summary>
    public static string PrintLine(TableLine line)
    {
        var type = new StringBuilder();
        foreach (char c in line.Type)
        {
            if (c is ' ' or '%')
                type.Append(CultureInfo.InvariantCulture, $"%{(int)c:x2}");
            else
                type.Append(c);
        }
        string head = $"{line.Start} {line.Length} {type}";
        return line.Parameters.Length == 0 ? head : head + " " + line.Parameters;
    }

    public static TableLine ParseLine(string key, string text)
    {
        string[] parts = text.Split(' ', 4);
        if (parts.Length < 3)
            throw new FieldTextException($"{key}=\"{text}\": not \"start length type parameters\"");
        return new TableLine(
            new Sectors(ParseNumber(key, parts[0], ulong.MaxValue)),
            new Sectors(ParseNumber(key, parts[1], ulong.MaxValue)),
            parts[2].Replace("%20", " ", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal),
            parts.Length == 4 ? parts[3] : "");
    }

    /// <summary>Bytes in hexadecimal, a run of six or more of the same byte as "xx*count," in between.</summary>
    public static string PrintBuffer(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        for (int i = 0; i < bytes.Length;)
        {
            int run = 1;
            while (i + run < bytes.Length && bytes[i + run] == bytes[i])
                run++;
            if (run < 6)
                run = 1;
            text.Append(bytes[i].ToString("x2", CultureInfo.InvariantCulture));
            if (run > 1)
                text.Append(CultureInfo.InvariantCulture, $"*{run},");
            i += run;
        }
        return text.ToString();
    }

    private const int MaxBuffer = 1 << 20;

    public static ValueList<byte> ParseBuffer(string key, string? text)
    {
        var bytes = new List<byte>();
        for (int i = 0; i < text!.Length;)
        {
            if (i + 2 > text.Length
                || !byte.TryParse(text.AsSpan(i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
                throw new FieldTextException($"{key}: not hexadecimal at {i}");
            i += 2;
            ulong count = 1;
            if (i < text.Length && text[i] == '*')
            {
                int comma = text.IndexOf(',', i);
                if (comma < 0)
                    throw new FieldTextException($"{key}: a count without a comma at {i}");
                count = ParseNumber(key, text[(i + 1)..comma], MaxBuffer);
                i = comma + 1;
            }
            if ((ulong)bytes.Count + count > MaxBuffer)
                throw new FieldTextException($"{key}: longer than {MaxBuffer} bytes");
            bytes.AddRange(Enumerable.Repeat(value, (int)count));
        }
        return ValueList.From(bytes);
    }
}
