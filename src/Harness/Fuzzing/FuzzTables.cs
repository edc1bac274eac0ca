using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Generators;
using DmSim.Model.Targets;

namespace DmSim.Harness.Fuzzing;

/// <summary>
/// Tables that are nearly right: a template of each target type's words, in which some words are others, missing or too many.
/// A registered type without a template gets sentences.
/// </summary>
internal sealed class FuzzTables(Choices choices, FuzzWords words)
{
    /// <summary>D is a device, any other word stands for itself unless it is changed.</summary>
    private static readonly Dictionary<string, string[]> Templates = new()
    {
        ["linear"] = ["D 0", "D 8"],
        ["striped"] = ["1 8 D 0", "2 8 D 0 D 8", "3 16 D 0 D 0 D 0"],
        ["zero"] = ["", ""],
        ["error"] = ["", "D 0"],
        ["delay"] = ["D 0 10", "D 0 0 D 8 5", "D 0 1 D 0 2 D 0 3"],
        ["thin-pool"] = ["D D 128 0", "D D 128 0 2 skip_block_zeroing read_only", "D D 2048 1 1 error_if_no_space"],
        ["thin"] = ["D 0", "D 1 D"],
        ["flakey"] = ["D 0 1 1", "D 0 0 5 1 drop_writes", "D 8 3 0 5 corrupt_bio_byte 32 r 1 0", "D 0 2 2 1 error_writes"],
    };

    /// <summary>Lines that follow on each other, but for those that do not.</summary>
    public TableLine[] Draw()
    {
        var lines = new TableLine[choices.Percent(80) ? 1 + choices.Below(3) : choices.Below(12)];
        ulong at = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            ulong start = choices.Percent(95) ? at : words.Edge();
            ulong length = choices.Percent(90) ? 8 * (1 + choices.Below(32UL)) : words.Edge();
            string type = choices.Percent(95) ? choices.AnyOf(TargetRegistry.All).Name : choices.Pick("", "linea", "LINEAR", "sixteen_letters_", "\xff");
            lines[i] = new TableLine(new Sectors(start), new Sectors(length), type, Words(type));
            at = unchecked(start + length);
        }
        return lines;
    }

    private string Words(string type)
    {
        if (!Templates.TryGetValue(type, out string[]? templates) || choices.Percent(5))
            return words.Sentence();
        string[] parts = choices.Pick<string>(templates).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < parts.Length; i++)
            parts[i] = parts[i] == "D" ? words.Path() : parts[i];
        if (choices.Percent(65) || parts.Length == 0)
            return string.Join(' ', parts);
        int at = choices.Below(parts.Length);
        switch (choices.Below(4))
        {
            case 0:
                parts[at] = words.Number();
                break;
            case 1:
                parts[at] = "";
                break;
            case 2:
                parts[at] += " " + parts[choices.Below(parts.Length)];
                break;
            default:
                parts[at] += string.Create(CultureInfo.InvariantCulture, $"\\ {words.Sentence()}");
                break;
        }
        return string.Join(' ', parts);
    }
}
