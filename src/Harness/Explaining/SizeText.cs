using System.Globalization;
using DmSim.Abi;

namespace DmSim.Harness.Explaining;

/// <summary>Sizes for people: "512 B", "64.0 KiB", "1.5 GiB"; and as they type them: "100000s", "64K", "10M".</summary>
public static class SizeText
{
    private static readonly string[] Units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    private const double Factor = 1024;

    public static string Of(Sectors sectors)
    {
        double size = (double)sectors.Value * Sectors.BytesPerSector;
        if (size < Factor)
            return string.Create(CultureInfo.InvariantCulture, $"{size:F0} B");
        int unit = -1;
        for (; size >= Factor && unit < Units.Length - 1; unit++)
            size /= Factor;
        return string.Create(CultureInfo.InvariantCulture, $"{size:F1} {Units[unit]}");
    }

    /// <summary>Digits, then s for sectors (also what nothing stands for), or K, M, G, T for binary bytes.</summary>
    public static bool TryParse(string text, out Sectors size)
    {
        size = Sectors.Zero;
        int shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch { 'K' => 1, 'M' => 11, 'G' => 21, 'T' => 31, _ => 0 };
        string digits = shift > 0 || text.EndsWith('s') ? text[..^1] : text;
        const ulong largest = 1UL << 54;
        if (!ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong count) || count > largest >> shift)
            return false;
        size = new Sectors(count << shift);
        return true;
    }
}
