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
}
