using System.Text;
using DmSim.Harness.Fuzzing.Programs;
using DmSim.Harness.Operations;
using DmSim.Property.Architecture;
using NUnit.Framework;

namespace DmSim.Property.Fuzzing.KernelFindings;

/// <summary>What the fuzzer has found in kernels: a file each, to be replayed with "dmsim replay FILE --on vm --all-targets".</summary>
internal sealed class KernelFindingTests
{
    private static IEnumerable<string> Files => Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests/Property/Fuzzing/KernelFindings"), "*.ops")
        .Select(file => Path.GetFileName(file)!);

    [TestCaseSource(nameof(Files))]
    public void A_finding_can_be_replayed_and_is_not_sent_again(string file)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "tests/Property/Fuzzing/KernelFindings", file), Encoding.Latin1);
        Assert.That(OperationSequence.TryParse(text, out var sequence, out string error), error);
        Assert.That(sequence!.Operations.Any(operation => KernelHazards.Find(operation, runs: true) is not null), "KernelHazards has no rule for it");
    }
}
