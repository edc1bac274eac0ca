using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Tables;

/// <summary>Spoils sound parameters: a word too few or too many, a bad number, a bad device.</summary>
internal static class WrongWords
{
    public static string Spoil(Scene scene, DeviceState owner, string parameters)
    {
        var choices = scene.Choices;
        var words = parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        switch (words.Count == 0 ? 1 : choices.Below(6))
        {
            case 0:
                words.RemoveAt(choices.Below(words.Count));
                break;
            case 1:
                words.Insert(choices.Below(words.Count + 1), choices.Pick("0", "x", "7:0", "\\", "1"));
                break;
            case 2 or 3:
                SpoilNumber(choices, words);
                break;
            default:
                SpoilDevice(scene, owner, words);
                break;
        }
        return string.Join(' ', words);
    }

    private static void SpoilNumber(Choices choices, List<string> words)
    {
        int at = Any(choices, words, word => char.IsAsciiDigit(word[0]) && !word.Contains(':', StringComparison.Ordinal));
        if (at >= 0)
            words[at] = choices.Pick(words[at] + "x", "-1", "+" + words[at], "0x10", "", "99999999999999999999999",
                "18446744073709551615", "18446744073709551616", "9223372036854775807", words[at] + "000000", "x" + words[at], "1.0");
        else
            words.Add("1");
    }

    private static void SpoilDevice(Scene scene, DeviceState owner, List<string> words)
    {
        int at = Any(scene.Choices, words, word => word[0] is '{' or '/' || word.Contains(':', StringComparison.Ordinal));
        if (at >= 0)
            words[at] = BadDevice(scene, owner);
        else
            words.Add(BadDevice(scene, owner));
    }

    /// <summary>A device that is not there, is no block device, cannot be named so, or lies above the table itself.</summary>
    public static string BadDevice(Scene scene, DeviceState owner)
    {
        var choices = scene.Choices;
        if (choices.Percent(25))
            return Naming.InTable(owner.Name);
        if (choices.Percent(25) && scene.Any(d => d.Number != owner.Number && scene.RestsOn(d.Number, owner.Number)) is { } above)
            return Naming.InTable(above.Name);
        return choices.AnyOf(BadDevices);
    }

    private static readonly string[] BadDevices =
    [
        "254:99", "254:1048575", "254:1048576", "4096:0", "4095:0", "253:0", "0:0", "7:", ":0", "7:0x", "7:0:0", "7:0:0:", "7:-1", "-7:0",
        "7", "700", "0700", "7 0", "99999999999:0", "7:4294967296", "/dev/nosuch", "/dev/null", "/dev", "/", "/dev/loop0/", "nosuch",
        "{nosuch}", "loop0", "PARTUUID=0", "/dev/mapper/control", "7 :0", "07:00",
    ];

    private static int Any(Choices choices, List<string> words, Func<string, bool> where)
    {
        var fitting = Enumerable.Range(0, words.Count).Where(i => words[i].Length > 0 && where(words[i])).ToArray();
        return fitting.Length == 0 ? -1 : choices.AnyOf(fitting);
    }
}
