using System.Globalization;
using System.Text;
using DmSim.Abi;
using DmSim.Model.Reasons;

namespace DmSim.Harness.Explaining;

/// <summary>A table word by word, and what the kernel would say to it, as text.</summary>
public static class TableExplanation
{
    private const int Width = 16;
    private const char Blank = ' ';

    public static string Write(IReadOnlyList<TableLine> table, TrialResult result)
    {
        var text = new StringBuilder();
        foreach (var line in table)
            WriteLine(text, line);
        if (result.Refusal is { } refusal)
            WriteRefusal(text, refusal, result.Step);
        else
            WriteTaken(text, result.Shown);
        return text.ToString();
    }

    private static void WriteLine(StringBuilder text, TableLine line)
    {
        text.Append(line.ToString().TrimEnd(Blank)).Append('\n');
        Word(text, line.Start.ToString(), $"first sector of the line on the device{At(line.Start)}");
        Word(text, line.Length.ToString(), $"how many sectors{At(line.Length)}; the next line begins at {line.End}");
        var grammar = TargetGrammar.Find(line.Type);
        Word(text, line.Type, grammar is null ? "no target type that DmSim knows" : $"target type: {grammar.Summary}");
        string[] words = line.Parameters.Split([Blank, '\t'], StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < words.Length && grammar is not null; i++)
            Word(text, words[i], grammar.Meaning(words, i) ?? $"not expected here: {Synopsis(grammar)}");
        if (words.Length == 0 && grammar is { Words: ['A' or 'D' or 'M' or 'O' or 'P' or 'S', ..] })
            text.Append(Blank, Width + 4).Append("words are missing: ").Append(Synopsis(grammar)).Append('\n');
        text.Append('\n');
    }

    private static string Synopsis(TargetGrammar grammar) => $"{grammar.Type} {grammar.Words}".TrimEnd(Blank);

    private static void Word(StringBuilder text, string word, string meaning) =>
        text.Append("  ").Append(word.PadRight(Width)).Append("  ").Append(meaning).Append('\n');

    /// <summary>" (1.0 MiB)", nothing for zero.</summary>
    private static string At(Sectors sectors) => sectors.Value == 0 ? "" : $" ({SizeText.Of(sectors)})";

    private static void WriteRefusal(StringBuilder text, Refusal refusal, string step)
    {
        text.Append(CultureInfo.InvariantCulture, $"refused ({step}): {refusal.Errno}\n");
        foreach (var line in refusal.Lines)
            text.Append("  ").Append(line.Text.Replace("\n", "\n  ", StringComparison.Ordinal)).Append('\n');
        text.Append("\nwhy: ").Append(refusal.Sentence).Append(".\n");
    }

    private static void WriteTaken(StringBuilder text, IReadOnlyList<TableLine> shown)
    {
        var size = shown.Count == 0 ? Sectors.Zero : shown[^1].End;
        text.Append(CultureInfo.InvariantCulture, $"taken: a device of {size} sectors{At(size)}. The kernel shows its table as\n");
        foreach (var line in shown)
            text.Append("  ").Append(line.ToString().TrimEnd(Blank)).Append('\n');
    }
}
