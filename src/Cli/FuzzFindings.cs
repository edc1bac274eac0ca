using System.Security.Cryptography;
using System.Text;
using DmSim.Harness.Campaigns;
using DmSim.Harness.Fuzzing.Campaign;
using DmSim.Harness.Fuzzing.Programs;
using DmSim.Harness.Reports;
using DmSim.Harness.Running;

namespace DmSim.Cli;

/// <summary>What a fuzzing campaign has found, as files: operations that "dmsim replay" runs, the same as a script, and what was seen.</summary>
internal sealed class FuzzFindings(string folder, string kernelTag)
{
    /// <summary>Writes the files at once; answers what to tell.</summary>
    public string Write(FuzzFindingReport report)
    {
        string told = Write(FoundProblem.Of(report), report.Case is not Diverged, out string path);
        return report.Case is Diverged { Divergence: var divergence }
            ? told + DivergenceReport.Write(divergence, new DivergenceFiles(path + ".ops", path + ".sh", kernelTag)) : told;
    }

    /// <summary>The same of what a shard has found.</summary>
    public string Write(FoundProblem finding) => Write(finding, withCommand: true, out _);

    private string Write(FoundProblem finding, bool withCommand, out string path)
    {
        string kind = finding.Kind.ToString().ToLowerInvariant();
        path = Path.Combine(folder, $"{kind}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(finding.Signature)))[..8]}");
        WriteFiles(path, finding);
        var text = new StringBuilder($"{kind}: {finding.Signature}\n");
        if (finding.IsFleeting)
            text.Append("  it did not show again when its program ran alone, from a fresh state\n");
        if (withCommand)
            text.Append(finding.IsOfModel ? $"  scripts/dmsim replay {path}.ops --on model" : $"  scripts/dmsim replay {path}.ops --as-fuzzed --kernel {kernelTag}");
        return text.ToString();
    }

    /// <summary>One file of what was not confirmed: nothing that counts, but to be looked into.</summary>
    public void WriteDismissed(FuzzProblem problem, FuzzProgram program)
    {
        Directory.CreateDirectory(folder);
        string operation = problem.Operation >= 0 && problem.Operation < program.Sequence.Operations.Count ? program.Sequence.Operations[problem.Operation].ToString() : "";
        File.AppendAllText(Path.Combine(folder, "not-confirmed.txt"), $"{problem.Signature}\n  {problem.Detail}\n  {operation}\n");
    }

    private void WriteFiles(string path, FoundProblem finding)
    {
        Directory.CreateDirectory(folder);
        string title = $"{finding.Kind}: {finding.Signature.ReplaceLineEndings(" ")}";
        File.WriteAllText(path + ".txt", $"{title}\nkernel {kernelTag}\n\n{finding.Detail}\n");
        SequenceFiles.Write(path, finding.Sequence, title, marked: 0, heading: $"# {title}\n{FindingReplay.Mark(finding.IsHurried)}\n");
    }
}
