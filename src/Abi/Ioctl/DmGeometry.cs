using System.Globalization;

namespace DmSim.Abi;

/// <summary>
/// The four numbers of DM_DEV_SET_GEOMETRY, sent as text. Their limits are those of struct hd_geometry (dev_set_geometry,
/// drivers/md/dm-ioctl.c, 6.1) and are the kernel's to enforce.
/// </summary>
public readonly record struct DmGeometry(ulong Cylinders, ulong Heads, ulong SectorsPerTrack, ulong Start)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Cylinders} {Heads} {SectorsPerTrack} {Start}");

    public static bool TryParse(string text, out DmGeometry geometry)
    {
        geometry = default;
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Span<ulong> numbers = stackalloc ulong[4];
        if (words.Length != numbers.Length)
            return false;
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!ulong.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                return false;
        }
        geometry = new DmGeometry(numbers[0], numbers[1], numbers[2], numbers[3]);
        return true;
    }
}
