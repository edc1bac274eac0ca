using DmSim.Harness.Campaigns;
using DmSim.Harness.Operations;
using DmSim.Harness.Reports;
using DmSim.Harness.Running;
using DmSim.Kernel.Vm;

namespace DmSim.Cli;

/// <summary>Files of what a campaign has found: the operations, and the same as a bash script.</summary>
internal sealed class Findings(string folder, string kernelTag)
{
    /// <summary>The folder that the user names, or one in the cache.</summary>
    public static Findings In(string? folder, CacheDirectory cache, KernelImage kernel) => In(folder, cache, kernel.Tag);

    public static Findings In(string? folder, CacheDirectory cache, string kernelTag) => new(folder ?? cache.Folder("findings"), kernelTag);

    public DivergenceFiles Write(CaseResult result, OperationSequence sequence) => Write(ReportedResult.Of(result, sequence));

    public DivergenceFiles Write(ReportedResult reported)
    {
        var (operations, script) = SequenceFiles.Write(
            Path.Combine(folder, reported.FileName), reported.Sequence, reported.Says, reported.Sequence.Operations.Count);
        return new DivergenceFiles(operations, script, kernelTag);
    }
}
