using System.Text;
using DmSim.Harness.Operations;
using DmSim.Harness.Reports;
using DmSim.Harness.Running;
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
        var (operations, script) = SequenceFiles.Write(
            Path.Combine(folder, FileName(result)), sequence, SummaryReport.Describe(result), sequence.Operations.Count);
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
