using System.Text;
using DmSim.Harness.Operations;
using DmSim.Harness.Reports;
using DmSim.Harness.Running;
using DmSim.Harness.Scripts;
using DmSim.Kernel.Vm;

namespace DmSim.Cli;

/// <summary>Files of what a campaign has found: the operations, and the same as a bash script.</summary>
internal sealed class Findings(string folder, string kernelTag)
{
    /// <summary>The folder that the user names, or one in the cache.</summary>
    public static Findings In(string? folder, CacheDirectory cache, KernelImage kernel) =>
        new(folder ?? cache.Folder("findings"), kernel.Tag);

    public DivergenceFiles Write(CaseResult result, OperationSequence sequence)
    {
        string name = FileName(result);
        string operations = Path.Combine(folder, name + ".ops"), script = Path.Combine(folder, name + ".sh");
        Directory.CreateDirectory(folder);
        File.WriteAllText(operations, sequence.ToString(), Encoding.Latin1);
        File.WriteAllText(script, ScriptExport.Write(sequence, SummaryReport.Describe(result), sequence.Operations.Count), Encoding.Latin1);
        File.SetUnixFileMode(script, File.GetUnixFileMode(script) | UnixFileMode.UserExecute);
        return new DivergenceFiles(operations, script, kernelTag);
    }

    private static string FileName(CaseResult result)
    {
        string what = result switch
        {
            Diverged diverged => diverged.Divergence.Signature.ToString(),
            GuestFailed => "guest",
            _ => "model",
        };
        string plain = string.Concat(what.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        return $"{plain}-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.Latin1.GetBytes(result.Sequence.ToString())))[..8]}";
    }
}
