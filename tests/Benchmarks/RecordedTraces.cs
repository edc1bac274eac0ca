using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Generators;
using DmSim.Harness.Lowering;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;
using DmSim.Harness.Traces;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Benchmarks;

/// <summary>Traces of generated cases, recorded from the model itself, so that checking them always goes to their ends.</summary>
internal static class RecordedTraces
{
    public const int OperationsPerCase = 20;

    public static TraceChecker Checker => new(FreshModel, "model", new Comparer(AllowedOutcomeRules.All));

    private static ModelMachine FreshModel() => new(KernelProfile.Linux61);

    public static Trace Record(int cases)
    {
        var source = new GeneratedCases(AreaRegistry.Default, seed: 1, cases, OperationsPerCase);
        var recorded = new RecordedCase[cases];
        for (int i = 0; i < cases; i++)
        {
            var run = ReferenceRun.RunAsync(FreshModel(), source.Open(i), LookPolicy.WhenTouched).AsTask().GetAwaiter().GetResult();
            if (run.Failure is { } failure)
                throw new InvalidOperationException($"case {i}: {failure.Exception}");
            recorded[i] = new RecordedCase(source.NameOf(i), run.Sequence, [.. run.Steps.Select(step => step.Outcome)]);
        }
        return new Trace("model", KernelProfile.Linux61.Tag, LookPolicy.WhenTouched, recorded);
    }
}
