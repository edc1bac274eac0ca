using System.Security.Cryptography;
using System.Text;
using DmSim.Harness.Fuzzing.Campaign;
using DmSim.Harness.Fuzzing.Programs;
using DmSim.Harness.Reports;
using DmSim.Harness.Running;

namespace DmSim.Cli;

/// <summary>What a fuzzing campaign has found, as files: operations that "dmsim replay" runs, the same as a script, and what was seen.</summary>
internal sealed class FuzzFindings(string folder, string kernelTag)
{
    /// <summary>Findings of which the model is the cause, and those of which a kernel is.</summary>
    public int Differences { get; private set; }

    public int OfKernel { get; private set; }

    /// <summary>Writes the files at once; answers what to tell.</summary>
    public string Write(FuzzFindingReport finding)
    {
        bool differs = finding.Problem.Kind is ProblemKind.Difference or ProblemKind.Model;
        Differences += differs ? 1 : 0;
        OfKernel += differs ? 0 : 1;
        string kind = finding.Problem.Kind.ToString().ToLowerInvariant();
        string path = Path.Combine(folder, $"{kind}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(finding.Problem.Signature)))[..8]}");
        WriteFiles(path, finding);
        var text = new StringBuilder($"{kind}: {finding.Problem.Signature}\n");
        if (finding.IsFleeting)
            text.Append("  it did not show again when its program ran alone, from a fresh state\n");
        if (finding.Case is Diverged { Divergence: var divergence })
            text.Append(DivergenceReport.Write(divergence, new DivergenceFiles(path + ".ops", path + ".sh", kernelTag)));
        else
            text.Append(differs ? $"  scripts/dmsim replay {path}.ops --on model" : $"  scripts/dmsim replay {path}.ops --on vm --all-targets --kernel {kernelTag}");
        return text.ToString();
    }

    /// <summary>One file of what was not confirmed: nothing that counts, but to be looked into.</summary>
    public void WriteDismissed(FuzzProblem problem, FuzzProgram program)
    {
        Directory.CreateDirectory(folder);
        string operation = problem.Operation >= 0 && problem.Operation < program.Sequence.Operations.Count ? program.Sequence.Operations[problem.Operation].ToString() : "";
        File.AppendAllText(Path.Combine(folder, "not-confirmed.txt"), $"{problem.Signature}\n  {problem.Detail}\n  {operation}\n");
    }

    private void WriteFiles(string path, FuzzFindingReport finding)
    {
        Directory.CreateDirectory(folder);
        string title = $"{finding.Problem.Kind}: {finding.Problem.Signature.ReplaceLineEndings(" ")}";
        File.WriteAllText(path + ".txt", $"{title}\nkernel {kernelTag}\n\n{finding.Problem.Detail}\n");
        SequenceFiles.Write(path, finding.Program.Sequence, title, marked: 0, heading: $"# {title}\n");
    }
}
