using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Traces;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Mutants;

/// <summary>
/// Each recorded case is a test of its own: a mutant costs the cases that reach it, and only up to the first that differs.
/// $DMSIM_TRACES has the folders with the traces, separated by colons.
/// </summary>
internal sealed class RecordedCasesTests
{
    private static readonly Dictionary<string, (Trace Trace, RecordedCase Case)> Cases = Read();
    private static readonly Comparer Comparer = new(AllowedOutcomeRules.All);

    private static bool _differed;

    private static IEnumerable<string> Names => Cases.Keys;

    private static Dictionary<string, (Trace, RecordedCase)> Read()
    {
        string folders = Environment.GetEnvironmentVariable("DMSIM_TRACES") ?? throw new InvalidOperationException("DMSIM_TRACES is not set");
        var cases = new Dictionary<string, (Trace, RecordedCase)>();
        foreach (string file in folders.Split(':', StringSplitOptions.RemoveEmptyEntries).SelectMany(TraceFile.Find))
        {
            var trace = TraceFile.Read(file);
            foreach (var recorded in trace.Cases)
                cases.Add($"{Path.GetFileName(file)} {recorded.Name}", (trace, recorded));
        }
        return cases;
    }

    /// <summary>Stryker asks for one run after the other of the same process, with one mutant each.</summary>
    [OneTimeSetUp]
    public void A_run_begins()
    {
        _differed = false;
        ActiveMutant.ReadOnce();
    }

    [TestCaseSource(nameof(Names))]
    public void The_model_does_what_the_kernel_did(string name)
    {
        if (_differed)
            Assert.Inconclusive("an earlier case has differed");
        var (trace, recorded) = Cases[name];
        var profile = KernelProfile.ForRelease(trace.Profile);
        var result = new TraceChecker(() => new ModelMachine(profile), "model", Comparer).Check(trace, recorded);
        _differed = !result.Agrees;
        Assert.That(result.Divergence?.Signature.ToString() ?? result.Failure?.Exception.Message, Is.Null);
    }
}
