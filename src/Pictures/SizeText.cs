using System.Globalization;
using DmSim.Abi;

namespace DmSim.Pictures;

/// <summary>Sizes for people: "512 B", "64 KiB", "1.5 GiB".</summary>
internal static class SizeText
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    public static string Of(Sectors sectors)
    {
        double size = (double)sectors.Value * Sectors.BytesPerSector;
        int unit = 0;
        for (; size >= 1024 && unit < Units.Length - 1; unit++)
            size /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{size:0.#} {Units[unit]}");
    }
}
