using DmSim.Abi;
using DmSim.Harness.Generators;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.PlantedBugs;
using DmSim.Harness.Running;
using DmSim.Harness.Shrinking;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Property.Harness.Shrinking;

[TestFixture]
public sealed class ShrinkerTests
{
    private const int Seeds = 15;
    private const int Operations = 200;

    private static ModelMachine Model() => new(KernelProfile.Linux61);

    private static CaseRunner Runner(Func<Mutation> bug) => new(
        new Contest(() => Model(), "model", new Comparer([])), new InProcessBatchMachine("mutant", () => new MutantMachine(Model(), bug())));

    private static readonly object[] DeepBugs =
    [
        new TestCaseData("io", "write/device/data", new Func<Mutation>(() => new WritesAreLostAfterTwoSwaps())).SetArgDisplayNames("lost_writes"),
        new TestCaseData("control", "resume/operation/event-nr", new Func<Mutation>(() => new ResumeOfARenamedDeviceCountsAnEvent()))
            .SetArgDisplayNames("an_event_too_many"),
    ];

    [TestCaseSource(nameof(DeepBugs))]
    public async Task A_bug_of_six_steps_in_two_hundred_operations_takes_at_most_sixty_executions(
        string area, string signature, object bug)
    {
        var runner = Runner((Func<Mutation>)bug);
        var executions = new List<int>();
        var lengths = new List<int>();
        var cutAt = new List<int>();
        for (int seed = 1; executions.Count < Seeds && seed < 4000; seed++)
        {
            var plan = CasePlan.FromSeed((ulong)seed, 0, Operations);
            var failing = await runner.RunAsync("case", new GeneratedCase(AreaRegistry.Find(area)!, plan));
            if (failing is not Diverged diverged || diverged.Divergence.Signature.ToString() != signature)
                continue;
            var result = await Shrinker.On(runner, "case").ShrinkAsync(failing);
            executions.Add(result.Executions);
            lengths.Add(result.Sequence.Operations.Count);
            cutAt.Add(diverged.Divergence.Sequence.Operations.Count);
            if (result.Sequence.Operations.Count > 6)
                TestContext.Out.WriteLine($"seed {seed}: {result.Executions} executions\n{result.Sequence}");
        }
        TestContext.Out.WriteLine($"{executions.Count} seeds: executions median {Median(executions)}, most {executions.Max()}; "
            + $"length from median {Median(cutAt)} to median {Median(lengths)}, most {lengths.Max()}");
        Assert.Multiple(() =>
        {
            Assert.That(executions, Has.Count.EqualTo(Seeds), "the bug is met often enough");
            Assert.That(Median(executions), Is.LessThanOrEqualTo(60));
            Assert.That(Median(lengths), Is.EqualTo(6));
        });
    }

    private const string LostWrite = """
        setup loop-attach index=0 size=512s
        setup loop-attach index=1 size=7s
        setup loop-attach index=2 size=512s
        create name=other
        create name=long-name uuid=U0
        load name=other line="0 8 linear 7:2 0"
        load name=long-name line="0 8 linear 7:0 0" line="8 8 linear 7:0 64" readonly
        resume name=other
        resume name=long-name cookie=0x7
        load dev=254:1 line="0 8 flakey 7:0 32 60 180 1 drop_writes" line="8 8 linear {other} 0"
        write name=other off=0s len=8s seed=77
        info name=other
        message name=other sector=0 text=x
        resume uuid=U0
        advance ms=7000
        write dev=254:1 off=1s len=3s seed=1234
        remove name=other
        ls
        """;

    private static CaseRunner LostWrites => Runner(() => new WritesAreLostAfterTwoSwaps());

    private static async Task<CaseResult> FailAsync(CaseRunner runner, string text)
    {
        Assert.That(OperationSequence.TryParse(text, out var sequence, out string error), Is.True, error);
        return await runner.RunAsync("case", sequence!);
    }

    [Test]
    public async Task What_is_left_is_the_shortest_and_plainest_case()
    {
        var runner = LostWrites;
        var result = await Shrinker.On(runner, "case").ShrinkAsync(await FailAsync(runner, LostWrite));
        Assert.That(result.Sequence.ToString().Trim().Split('\n'), Is.EqualTo(new[]
        {
            "setup loop-attach index=0 size=512s",
            "create name=d0",
            "load name=d0 line=\"0 8 zero\"",
            "resume name=d0",
            "load name=d0 line=\"0 8 flakey 7:0 0 60 180\"",
            "resume name=d0",
            "write name=d0 off=0s len=1s seed=1",
        }));
        Assert.That(result.End, Is.EqualTo(ShrinkEnd.Finished));
    }

    [Test]
    public async Task The_signature_stays()
    {
        var runner = LostWrites;
        var failing = (Diverged)await FailAsync(runner, LostWrite);
        var result = await Shrinker.On(runner, "case").ShrinkAsync(failing);
        Assert.That(result.Divergence!.Signature, Is.EqualTo(failing.Divergence.Signature));
    }

    [Test]
    public async Task What_is_left_fails_again_when_it_is_run_from_its_text()
    {
        var runner = LostWrites;
        var result = await Shrinker.On(runner, "case").ShrinkAsync(await FailAsync(runner, LostWrite));
        Assert.That(FailureKey.Of(await FailAsync(runner, result.Sequence.ToString())), Is.EqualTo(FailureKey.Of(result.Smallest)));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(7)]
    public async Task No_more_is_run_than_the_budget_allows(int budget)
    {
        var runner = LostWrites;
        int executions = 0;
        var shrinker = new Shrinker((sequence, cancel) =>
        {
            executions++;
            return runner.RunAsync("case", sequence, cancel);
        }, new ShrinkOptions(budget));
        var result = await shrinker.ShrinkAsync(await FailAsync(runner, LostWrite));
        Assert.Multiple(() =>
        {
            Assert.That(executions, Is.EqualTo(budget));
            Assert.That(result.Executions, Is.EqualTo(budget));
            Assert.That(result.End, Is.EqualTo(ShrinkEnd.OutOfBudget));
            Assert.That(FailureKey.Of(result.Smallest), Is.EqualTo(new FailureKey("diverged write/device/data")));
        });
    }

    [Test]
    public async Task Cancelled_it_answers_the_best_so_far()
    {
        var runner = LostWrites;
        using var stop = new CancellationTokenSource();
        int executions = 0;
        var shrinker = new Shrinker((sequence, cancel) =>
        {
            if (++executions == 3)
                stop.Cancel();
            return runner.RunAsync("case", sequence, CancellationToken.None);
        });
        var result = await shrinker.ShrinkAsync(await FailAsync(runner, LostWrite), cancel: stop.Token);
        Assert.Multiple(() =>
        {
            Assert.That(result.End, Is.EqualTo(ShrinkEnd.Cancelled));
            Assert.That(result.Sequence.Operations, Has.Count.LessThan(13));
        });
    }

    [Test]
    public async Task The_same_words_are_never_run_twice()
    {
        var runner = LostWrites;
        var seen = new List<string>();
        var shrinker = new Shrinker((sequence, cancel) =>
        {
            seen.Add(sequence.ToString());
            return runner.RunAsync("case", sequence, cancel);
        });
        var result = await shrinker.ShrinkAsync(await FailAsync(runner, LostWrite));
        Assert.That(seen, Is.Unique.And.Count.EqualTo(result.Executions));
    }

    [Test]
    public async Task A_model_that_throws_is_shrunk_as_well()
    {
        var runner = new CaseRunner(
            new Contest(() => new FakeMachine { ThrowOn = DmCommand.DM_DEV_SUSPEND }, "fake", new Comparer([])),
            new InProcessBatchMachine("fake", () => new FakeMachine()));
        var failing = await FailAsync(runner, "create name=d1\ncreate name=d0\nls\nversion\nsuspend name=d0\nls\n");
        var result = await Shrinker.On(runner, "case").ShrinkAsync(failing);
        Assert.That(result.Sequence.ToString(), Is.EqualTo("suspend name=d0\n"));
    }

    [Test]
    public async Task A_case_that_agrees_is_refused()
    {
        var runner = LostWrites;
        var agreed = await FailAsync(runner, "create name=d0\n");
        Assert.That(async () => await Shrinker.On(runner, "case").ShrinkAsync(agreed), Throws.ArgumentException);
    }

    private static int Median(List<int> values) => values.Order().ElementAt(values.Count / 2);
}
