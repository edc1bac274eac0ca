using System.Globalization;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Generators;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.PlantedBugs;
using DmSim.Harness.Running;
using DmSim.Harness.Traces;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using DmSim.Property.Architecture;
using NUnit.Framework;

namespace DmSim.Property.Harness.PlantedBugs;

/// <summary>
/// The harness must be able to fail: a model with a bug planted in it disagrees with the traces, a model without agrees. Traces that
/// were recorded from kernels are taken where there are any below tests/Property; those recorded here from the model itself are
/// always taken, since what a bug changes is known to be right in them.
/// </summary>
[TestFixture]
public sealed class PlantedBugTests
{
    private const int CasesPerArea = 10;
    private const int OperationsPerCase = 60;
    private const ulong Seed = 20;

    private static readonly Comparer Comparer = new(AllowedOutcomeRules.All);

    private List<(string Name, Trace Trace)> _fromKernels = null!;
    private Trace _fromModel = null!;

    private static ModelMachine Model() => new(KernelProfile.Linux61);

    [OneTimeSetUp]
    public async Task Record()
    {
        _fromKernels = [.. TraceFile.Find(Path.Combine(Repository.Root, "tests", "Property"))
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(path => (Path.GetFileName(path), TraceFile.Read(path))).Where(file => file.Item2.Profile == KernelProfile.Linux61.Tag)];
        var cases = new List<RecordedCase>();
        var runner = new CaseRunner(new Contest(Model, "model", Comparer), new InProcessBatchMachine("model", Model));
        foreach (var source in AreaRegistry.All.Where(area => area.Name != "raw").Select(area =>
            new GeneratedCases(area, Seed, CasesPerArea, OperationsPerCase)))
        {
            for (int i = 0; i < source.Count; i++)
                cases.Add((await runner.RecordAsync(source.NameOf(i), source.Open(i))).Recorded!);
        }
        cases.Add((await runner.RecordAsync("by hand", new FixedSource(ByHand))).Recorded!);
        _fromModel = new Trace("model", KernelProfile.Linux61.Tag, LookPolicy.Always, cases);
    }

    /// <summary>What random cases are slow to meet.</summary>
    private static OperationSequence ByHand
    {
        get
        {
            Assert.That(OperationSequence.TryParse($"""
                setup loop-attach index=0 size=512s
                setup loop-attach index=1 size=512s
                setup loop-attach index=2 size=512s
                create name={new string('n', 127)}
                remove name={new string('n', 127)}
                create name=d0
                load name=d0 line="0 256 delay 7:0 0 700"
                resume name=d0
                write name=d0 off=0s len=8s seed=1
                status name=d0
                suspend name=d0
                resume name=d0
                advance ms=2000
                load name=d0 line="0 128 striped 2 16 7:0 0 7:1 0"
                resume name=d0
                write name=d0 off=12s len=40s seed=2
                read name=d0 off=0s len=128s
                create name=d1
                load name=d1 line="0 256 snapshot 7:0 7:2 P 8"
                resume name=d1
                create name=d3
                load name=d3 line="0 256 snapshot-origin 7:0"
                resume name=d3
                write name=d3 off=4s len=4s seed=3
                write name=d3 off=24s len=16s seed=4
                create name=d2
                load name=d2 line="0 256 snapshot 7:0 7:2 P 8"
                resume name=d2
                """, out var sequence, out string error), Is.True, error);
            return sequence!;
        }
    }

    [Test]
    public void The_model_without_a_bug_agrees_with_all_traces()
    {
        foreach (var (name, trace) in _fromKernels.Append(("recorded here", _fromModel)))
        {
            var summary = new TraceChecker(Model, "model", Comparer).Check(trace);
            TestContext.Out.WriteLine($"{name}: {summary.Cases} cases, {summary.Steps} steps");
            Assert.That(summary.Failed.Select(failed => failed.Recorded.Name), Is.Empty, name);
        }
    }

    [Test]
    public void Every_planted_bug_is_caught()
    {
        var bugs = PlantedBugCatalogue.All;
        var caught = new (string? ByKernel, string? ByModel)[bugs.Count];
        Parallel.For(0, bugs.Count, i =>
        {
            string? byKernel = _fromKernels.Select(file => Catch(bugs[i], file.Trace)).FirstOrDefault(found => found is not null);
            caught[i] = (byKernel, byKernel is null ? Catch(bugs[i], _fromModel) : null);
        });
        for (int i = 0; i < bugs.Count; i++)
            TestContext.Out.WriteLine($"{bugs[i].Name,-24} {caught[i].ByKernel ?? caught[i].ByModel ?? "MISSED",-100} {bugs[i].What}");
        int found = caught.Count(c => (c.ByKernel ?? c.ByModel) is not null);
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"caught {found} of {bugs.Count}, {caught.Count(c => c.ByKernel is not null)} of them by traces of a kernel"));
        Assert.Multiple(() =>
        {
            Assert.That(bugs.Where((_, i) => (caught[i].ByKernel ?? caught[i].ByModel) is null).Select(bug => bug.Name), Is.Empty, "missed");
            Assert.That(bugs, Has.Count.GreaterThanOrEqualTo(30));
        });
    }

    [Test]
    public void Names_of_planted_bugs_are_unique() =>
        Assert.That(PlantedBugCatalogue.All.Select(bug => bug.Name), Is.Unique);

    /// <summary>The signature and the case of the first divergence; null when the bug does not show.</summary>
    private static string? Catch(PlantedBug bug, Trace trace)
    {
        var checker = new TraceChecker(() => bug.FreshModel(KernelProfile.Linux61), bug.Name, Comparer);
        foreach (var recorded in trace.Cases)
        {
            var result = checker.Check(trace, recorded);
            // A bug that crashes is no test of the comparison.
            Assert.That(result.Failure?.Exception, Is.Null, bug.Name);
            if (result.Divergence is { } divergence)
                return $"{divergence.Signature} ({recorded.Name})";
        }
        return null;
    }
}
