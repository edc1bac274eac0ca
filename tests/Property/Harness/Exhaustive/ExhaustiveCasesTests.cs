using System.Diagnostics;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Exhaustive;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Property.Harness.Exhaustive;

[TestFixture]
public sealed class ExhaustiveCasesTests
{
    private static ModelMachine Model() => new(KernelProfile.Linux61);

    private ExhaustiveCases _cases = null!;

    [OneTimeSetUp]
    public async Task Plan() => _cases = await ExhaustiveCases.PlanAsync(Model);

    [Test]
    public void Every_operation_is_made_in_every_state_of_every_target()
    {
        TestContext.Out.WriteLine(_cases.Summary());
        Assert.Multiple(() =>
        {
            Assert.That(_cases.Covers.SelectMany(cover => cover.Missing.Select(edge => $"{cover.Type}: {edge}")), Is.Empty);
            Assert.That(_cases.Covered, Is.EqualTo(_cases.Edges));
            Assert.That(_cases.Covers.Select(cover => cover.Type), Is.EquivalentTo(TargetTables.All.Select(table => table.Type)));
            Assert.That(_cases.Count, Is.LessThan(1000), "all in one run of three minutes");
        });
    }

    [Test]
    public async Task All_states_that_matter_are_reached()
    {
        var reached = new HashSet<string>();
        foreach (var sequence in _cases.Covers.Single(cover => cover.Type == "linear").Cases)
            reached.UnionWith((await EdgesAsync(sequence)).Select(edge => edge.State.ToString()));
        Assert.That(reached, Is.SupersetOf(new[]
        {
            "absent", "no table", "no table+inactive", "no table+suspended", "live", "live+inactive", "live+suspended",
            "live+inactive+suspended", "live+open", "live+deferred remove+open", "live+read-only", "live+inactive read-only",
            "live+suspended+blocked I/O", "live+suspended+deferred remove+open",
        }));
    }

    [Test]
    public async Task The_cases_cover_what_their_plan_says()
    {
        foreach (var cover in _cases.Covers)
        {
            var edges = new HashSet<(DeviceView, string)>();
            foreach (var sequence in cover.Cases)
                edges.UnionWith(await EdgesAsync(sequence));
            // Operations of one verb may stand for several edges that only the plan can tell apart: by the text they can be told too.
            Assert.That(edges.Count, Is.GreaterThanOrEqualTo(cover.Covered), cover.Type);
        }
    }

    [Test]
    public async Task The_plan_is_the_same_each_time()
    {
        var again = await ExhaustiveCases.PlanAsync(Model, ["delay"]);
        Assert.That(again.Covers[0].Cases, Is.EqualTo(_cases.Covers.Single(cover => cover.Type == "delay").Cases));
    }

    [Test]
    public async Task A_model_agrees_with_itself_on_all_of_them()
    {
        var contest = new Contest(Model, "model", new Comparer(AllowedOutcomeRules.All));
        var runner = new CaseRunner(contest, new InProcessBatchMachine("model", Model));
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < _cases.Count; i++)
            Assert.That(await runner.RunAsync(_cases.NameOf(i), _cases.Open(i)), Is.InstanceOf<Agreed>(), _cases.NameOf(i));
        TestContext.Out.WriteLine($"{_cases.Count} cases, model against model: {watch.Elapsed.TotalSeconds:0.0} s");
    }

    /// <summary>The edges that a case takes, learnt from running it.</summary>
    private static async Task<IEnumerable<(DeviceView State, string Operation)>> EdgesAsync(OperationSequence sequence)
    {
        await using var machine = Model();
        var run = await ReferenceRun.RunAsync(machine, new FixedSource(sequence), LookPolicy.WhenTouched);
        Assert.That(run.Failure, Is.Null);
        var edges = new List<(DeviceView, string)>();
        var state = DeviceView.Absent;
        foreach (var step in run.Steps.Where(step => step.Context.Operation is not null))
        {
            edges.Add((state, step.Context.Operation!.ToString()));
            state = DeviceView.After(state, step.Context.Operation, step.Outcome.OfOperation(Field.Errno) is null, step.Context.After);
        }
        return edges;
    }
}
