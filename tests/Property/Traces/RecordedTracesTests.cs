using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Traces;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using DmSim.Property.Architecture;
using NUnit.Framework;

namespace DmSim.Property.Traces;

/// <summary>What kernels have answered, the model answers.</summary>
internal sealed class RecordedTracesTests
{
    private static IEnumerable<string> Files =>
        TraceFile.Find(Path.Combine(Repository.Root, "tests", "Property", "Traces")).Select(path => Path.GetFileName(path)!);

    [TestCaseSource(nameof(Files))]
    public void The_model_does_what_the_kernel_did(string file)
    {
        var trace = TraceFile.Read(Path.Combine(Repository.Root, "tests", "Property", "Traces", file));
        var profile = KernelProfile.ForRelease(trace.Profile);
        var summary = new TraceChecker(() => new ModelMachine(profile), "model", new Comparer(AllowedOutcomeRules.All)).Check(trace);
        Assert.That(summary.Failed.Select(failed => $"{failed.Recorded.Name}: {failed.Divergence?.Signature.ToString() ?? failed.Failure!.Exception.Message}"), Is.Empty);
    }
}
