using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DmSim.Harness.Operations;
using DmSim.Harness.Scripts;

namespace DmSim.Harness.Matrix;

/// <summary>A finding that was kept.</summary>
/// <param name="Folder">Where its files are.</param>
public sealed record StoredFinding(string Signature, string Folder, OperationSequence Sequence, TimeSpan FastestTime);

/// <summary>
/// Sequences that showed something, by signature, as plain files: a folder each with "signature", "smallest.ops", "fastest.ops" (and
/// "fastest.ms") and the smallest as a script. Any file may be deleted, and whole folders copied from one store to another.
/// </summary>
public sealed class FindingStore(string folder)
{
    private const string SignatureFile = "signature", SmallestFile = "smallest.ops", FastestFile = "fastest.ops", TimeFile = "fastest.ms", ScriptFile = "smallest.sh";

    /// <summary>What is kept, in order of folder; what cannot be read is passed over, and named to <paramref name="refused"/>.</summary>
    public IReadOnlyList<StoredFinding> All(Action<string>? refused = null)
    {
        if (!Directory.Exists(folder))
            return [];
        var all = new List<StoredFinding>();
        foreach (string path in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            if (TryRead(path, out string error) is { } stored)
                all.Add(stored);
            else
                refused?.Invoke($"{path}: {error}");
        }
        return all;
    }

    private static StoredFinding? TryRead(string path, out string error)
    {
        string smallest = Path.Combine(path, SmallestFile), signature = Path.Combine(path, SignatureFile);
        error = "it has no " + (File.Exists(signature) ? SmallestFile : SignatureFile);
        if (!File.Exists(smallest) || !File.Exists(signature)
            || !OperationSequence.TryParse(File.ReadAllText(smallest, Encoding.Latin1), out var sequence, out error))
            return null;
        string time = Path.Combine(path, TimeFile);
        double milliseconds = File.Exists(time) && double.TryParse(File.ReadAllText(time), CultureInfo.InvariantCulture, out double read)
            ? read : double.MaxValue;
        return new StoredFinding(File.ReadAllText(signature, Encoding.UTF8).Trim(), path, sequence!,
            milliseconds < TimeSpan.MaxValue.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : TimeSpan.MaxValue);
    }

    /// <summary>Keeps the smallest and the fastest sequence of a group, unless smaller or faster ones are kept already.</summary>
    /// <returns>The folder of the signature.</returns>
    public string Keep(FindingGroup group)
    {
        string path = FolderOf(group.Signature);
        Directory.CreateDirectory(path);
        var before = TryRead(path, out _);
        WriteWhole(Path.Combine(path, SignatureFile), group.Signature + "\n", Encoding.UTF8);
        if (before is null || group.Smallest.Sequence.Operations.Count < before.Sequence.Operations.Count)
        {
            var sequence = group.Smallest.Sequence;
            WriteWhole(Path.Combine(path, ScriptFile),
                ScriptExport.Write(sequence, $"{group.Signature}\n{group.Smallest.Verdict}", sequence.Operations.Count), Encoding.Latin1);
            WriteWhole(Path.Combine(path, SmallestFile), $"# {group.Smallest.Case}\n{sequence}", Encoding.Latin1);
        }
        if (before is null || group.FastestTime < before.FastestTime)
        {
            WriteWhole(Path.Combine(path, FastestFile), $"# {group.Fastest.Case}\n{group.Fastest.Sequence}", Encoding.Latin1);
            WriteWhole(Path.Combine(path, TimeFile), group.FastestTime.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture) + "\n", Encoding.ASCII);
        }
        return path;
    }

    /// <summary>Readable at its head, unique at its end.</summary>
    public string FolderOf(string signature)
    {
        string plain = string.Concat(signature.Select(c => char.IsAsciiLetterOrDigit(c) || c == '.' ? c : '-'));
        const int MostReadable = 48;
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(signature)))[..8];
        return Path.Combine(folder, $"{plain[..Math.Min(plain.Length, MostReadable)].Trim('-')}-{digest}");
    }

    /// <summary>Seen whole or not at all: a campaign that is killed leaves no half file.</summary>
    private static void WriteWhole(string path, string text, Encoding encoding)
    {
        string half = path + ".unfinished";
        File.WriteAllText(half, text, encoding);
        File.Move(half, path, overwrite: true);
    }
}
