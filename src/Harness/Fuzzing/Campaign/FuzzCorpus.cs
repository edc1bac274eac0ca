using System.Security.Cryptography;
using System.Text;
using DmSim.Harness.Fuzzing.Programs;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Fuzzing.Campaign;

/// <summary>
/// Programs that showed something new, kept as .ops files in a folder: what one run learned the next one starts with. Written at once, so
/// that nothing is lost however a run ends.
/// </summary>
/// <param name="folder">Null keeps them in memory only.</param>
public sealed class FuzzCorpus(string? folder)
{
    private const string Suffix = ".ops";
    private const string AboutMark = "# about ";

    private readonly List<FuzzProgram> _programs = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public IReadOnlyList<FuzzProgram> Programs => _programs;

    /// <summary>What earlier runs have kept, the shortest first. Files that are no programs are passed over.</summary>
    public IReadOnlyList<FuzzProgram> Load()
    {
        if (folder is null || !Directory.Exists(folder))
            return [];
        return [.. Directory.EnumerateFiles(folder, "*" + Suffix).Order(StringComparer.Ordinal).Select(Read).OfType<FuzzProgram>()
            .OrderBy(program => program.Sequence.Operations.Count)];
    }

    public void Add(FuzzProgram program)
    {
        if (!_names.Add(NameOf(program)))
            return;
        _programs.Add(program);
        if (folder is null)
            return;
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, NameOf(program) + Suffix), part = path + ".part";
        File.WriteAllText(part, $"{AboutMark}{program.About}\n{program.Sequence}", Encoding.Latin1);
        File.Move(part, path, overwrite: true);
    }

    /// <summary>Deletes files of programs that showed nothing that shorter ones had not.</summary>
    public void Prune(IEnumerable<FuzzProgram> useless)
    {
        foreach (var program in useless.Where(program => folder is not null && !_names.Contains(NameOf(program))))
            File.Delete(Path.Combine(folder!, NameOf(program) + Suffix));
    }

    private static string NameOf(FuzzProgram program) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(program.Sequence.ToString())))[..16];

    private static FuzzProgram? Read(string path)
    {
        string text = File.ReadAllText(path, Encoding.Latin1);
        string about = text.StartsWith(AboutMark, StringComparison.Ordinal) ? text[AboutMark.Length..text.IndexOf('\n', StringComparison.Ordinal)] : "";
        return OperationSequence.TryParse(text, out var sequence, out _)
            ? new FuzzProgram(about, sequence!, sequence!.Operations.All(ProgramMutator.IsHurried)) : null;
    }
}
