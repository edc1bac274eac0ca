using System.Text;

namespace DmSim.Harness.Matrix;

/// <summary>Signatures that somebody has looked at and taken for right, one a line; "#" begins a comment.</summary>
public static class Baseline
{
    /// <summary>Null when there is no such file.</summary>
    public static IReadOnlyList<string>? Read(string path) => !File.Exists(path) ? null
        : [.. File.ReadLines(path, Encoding.UTF8).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];

    /// <summary>Adds what was found to what is there; sorted, so that two of them can be compared.</summary>
    public static void Accept(string path, MatrixSummary summary)
    {
        var all = new SortedSet<string>(Read(path) ?? [], StringComparer.Ordinal);
        all.UnionWith(summary.Findings.Select(g => g.Signature));
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            Directory.CreateDirectory(folder);
        string half = path + ".unfinished";
        File.WriteAllText(half, "# What dmsim matrix finds and is no news. dmsim matrix --accept adds to it.\n" + string.Concat(all.Select(s => s + "\n")), Encoding.UTF8);
        File.Move(half, path, overwrite: true);
    }
}
