using System.Globalization;

namespace DmSim.Mutants;

/// <summary>How a mutant ended, and the case that noticed it.</summary>
internal sealed record MutantEnd(string Status, string? NoticedBy = null);

/// <summary>
/// How each mutant ended, a line each, written at once. A mutant that has begun and not ended has ended the process: it is killed.
/// </summary>
internal sealed class Journal(string path) : IDisposable
{
    private const string Begun = "Begun";

    private readonly StreamWriter _file =
        new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };

    public void Begin(int mutant) => Add(mutant, new MutantEnd(Begun));

    public void Add(int mutant, MutantEnd end) => _file.WriteLine(FormattableString.Invariant($"{mutant} {end.Status} {end.NoticedBy}"));

    public static Dictionary<int, MutantEnd> Read(string path)
    {
        var ends = new Dictionary<int, MutantEnd>();
        if (!File.Exists(path))
            return ends;
        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (file.ReadLine() is { } line)
        {
            string[] words = line.Split(' ', 3);
            // The last line may be half of one.
            if (words.Length < 3)
                continue;
            string status = words[1] == Begun ? "Killed" : words[1];
            ends[int.Parse(words[0], CultureInfo.InvariantCulture)] = new MutantEnd(status, words[2].Length > 0 ? words[2] : null);
        }
        return ends;
    }

    public void Dispose() => _file.Dispose();
}
