using System.Globalization;
using System.Text.Json;

namespace DmSim.Mutants;

/// <summary>A mutant as Stryker reports it: where it is, what it put there, and how it ended.</summary>
internal sealed record Mutant(string File, int Line, string Kind, string Replacement, string Status)
{
    public string Folder => File[..File.IndexOf('/', StringComparison.Ordinal)];
}

/// <summary>How many mutants ended how. What does not compile, and what lies within another one that is taken away whole, is no mutant.</summary>
internal sealed record Tally(int Killed, int TimedOut, int Survived, int Unreached)
{
    public int All => Killed + TimedOut + Survived + Unreached;
    public int Reached => All - Unreached;

    /// <summary>Of all mutants, in percent.</summary>
    public double Score => Percent(All);

    /// <summary>Of those that a recorded case reaches, in percent.</summary>
    public double ScoreOfReached => Percent(Reached);

    private double Percent(int of) => of == 0 ? 100 : 100.0 * (Killed + TimedOut) / of;

    public static Tally Of(IReadOnlyCollection<Mutant> mutants)
    {
        return new Tally(Count("Killed"), Count("Timeout"), Count("Survived"), Count("NoCoverage"));

        int Count(string status) => mutants.Count(mutant => mutant.Status == status);
    }
}

/// <summary>What Stryker's JSON reports say together, as text: who survived, a table by folder, the score.</summary>
internal static class MutationReport
{
    private const string ModelFolder = "/src/Model/";

    /// <summary>"report PERCENT FILE…": the status is 1 when the score is below the percentage.</summary>
    public static int Print(string[] args)
    {
        double atLeast = double.Parse(args[0], CultureInfo.InvariantCulture);
        Mutant[] mutants = [.. args[1..].SelectMany(file => Read(File.ReadAllText(file)))];
        Console.Write(Describe(mutants));
        return Tally.Of(mutants) is { All: > 0 } tally && tally.Score >= atLeast ? 0 : 1;
    }

    public static IEnumerable<Mutant> Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        foreach (var file in document.RootElement.GetProperty("files").EnumerateObject())
        {
            string name = file.Name[(file.Name.LastIndexOf(ModelFolder, StringComparison.Ordinal) + ModelFolder.Length)..];
            foreach (var mutant in file.Value.GetProperty("mutants").EnumerateArray())
                yield return new Mutant(name, mutant.GetProperty("location").GetProperty("start").GetProperty("line").GetInt32(),
                    Text(mutant, "mutatorName"), Text(mutant, "replacement"), Text(mutant, "status"));
        }
    }

    private static string Text(JsonElement mutant, string property) => mutant.TryGetProperty(property, out var value) ? value.GetString() ?? "" : "";

    public static string Describe(IReadOnlyCollection<Mutant> mutants)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        foreach (var mutant in mutants.Where(mutant => mutant.Status is "Survived" or "NoCoverage")
            .OrderBy(mutant => mutant.File, StringComparer.Ordinal).ThenBy(mutant => mutant.Line))
            text.WriteLine($"src/Model/{mutant.File}:{mutant.Line}  {(mutant.Status == "Survived" ? "survived" : "not reached")}  "
                + $"{mutant.Kind}: {OneLine(mutant.Replacement)}");
        text.WriteLine($"\n{"folder",-16}{"mutants",9}{"killed",9}{"timeout",9}{"survived",10}{"not reached",13}{"score",9}{"of reached",12}");
        foreach (var folder in mutants.GroupBy(mutant => mutant.Folder).OrderBy(folder => folder.Key, StringComparer.Ordinal))
            Row(folder.Key, Tally.Of([.. folder]));
        Row("all", Tally.Of(mutants));
        return text.ToString();

        void Row(string name, Tally tally)
        {
            if (tally.All > 0)
                text.WriteLine($"{name,-16}{tally.All,9}{tally.Killed,9}{tally.TimedOut,9}{tally.Survived,10}{tally.Unreached,13}"
                    + $"{tally.Score,7:F1} %{tally.ScoreOfReached,10:F1} %");
        }
    }

    private static string OneLine(string replacement)
    {
        const int most = 100;
        string line = string.Join(' ', replacement.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length == 0 ? "(nothing)" : line.Length <= most ? line : line[..most] + "…";
    }
}
