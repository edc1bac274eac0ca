using System.Text;
using DmSim.Abi;
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
        var load = sequence!.Operations.OfType<Operation.LoadTable>().Single();
        Assert.That(KernelHazards.Find(load, runs: true), Is.Not.Null, "KernelHazards has no rule for it");
        var request = DmRequest.Load(load.Device.Selector, load.Lines);
        Assert.That(KernelHazards.Find(new Operation.RawIoctl(request.Number, ValueList.From(request.Buffer)), runs: true), Is.Not.Null, "nor for its bytes");
    }
}
