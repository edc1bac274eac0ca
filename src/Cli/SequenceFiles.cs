using System.Text;
using DmSim.Harness.Operations;
using DmSim.Harness.Scripts;

namespace DmSim.Cli;

/// <summary>A sequence as the two files that whoever wants to see it again needs: its operations, and the same as a bash script.</summary>
internal static class SequenceFiles
{
    /// <param name="path">Of both, without ending.</param>
    /// <param name="marked">The operation at which it happened, from 1; 0 for none.</param>
    /// <param name="heading">First line of the operations, a comment; empty for none.</param>
    public static (string Operations, string Script) Write(string path, OperationSequence sequence, string title, int marked, string heading = "")
    {
        string operations = path + ".ops", script = path + ".sh";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(script, ScriptExport.Write(sequence, title, marked), Encoding.Latin1);
        File.SetUnixFileMode(script, File.GetUnixFileMode(script) | UnixFileMode.UserExecute);
        // Last: where it is, all is there.
        File.WriteAllText(operations, heading + sequence, Encoding.Latin1);
        return (operations, script);
    }

    /// <summary>A file, or all sequences of a folder in order of name, each under its file's name.</summary>
    public static IReadOnlyList<(string Name, OperationSequence Sequence)> ReadAll(string path) =>
        [.. Find(path).Select(file => (Path.GetFileName(file), Read(file)))];

    private static IReadOnlyList<string> Find(string path) => File.Exists(path) ? [path]
        : !Directory.Exists(path) ? throw new BadInputException($"There is no file or folder {path}: --sequences takes what conform or matrix wrote (.ops).")
        : Directory.GetFiles(path, "*.ops").Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } files ? files
        : throw new BadInputException($"There is no sequence (*.ops) in {path}.");

    private static OperationSequence Read(string file) =>
        OperationSequence.TryParse(File.ReadAllText(file, Encoding.Latin1), out var sequence, out string error) ? sequence!
            : throw new BadInputException($"{file} is no sequence of operations: {error}.");
}
