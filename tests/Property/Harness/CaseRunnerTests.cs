using DmSim.Abi;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;
using NUnit.Framework;

namespace DmSim.Property.Harness;

[TestFixture]
public sealed class CaseRunnerTests
{
    private const string EveryKind = """
        setup loop-attach index=0 size=64s
        create name=d0 uuid=U0
        create name=d1
        create name=d0
        info name=d1
        ls
        suspend name=d0
        write name=d0 off=0s len=1s seed=3
        resume name=d0
        wait name=d1
        message name=d1 sector=0 text=x
        open handle=1 dev=7:0 mode=rw
        write handle=1 off=8s len=2s seed=9
        read handle=1 off=8s len=2s
        discard handle=1 off=8s len=1s
        close handle=1
        remove name=d9
        remove name=d1
        advance ms=1000
        read name=d7 off=0s len=1s
        loop-resize index=0 size=32s
        """;

    [Test]
    public async Task Equal_machines_agree_in_every_step()
    {
        var result = await CompareAsync(EveryKind, new FakeMachine());
        Assert.Multiple(() =>
        {
            Assert.That(result, Is.InstanceOf<Agreed>());
            Assert.That(result.Figures.Steps, Is.EqualTo(22), "the set-up, 20 operations and the end");
            Assert.That(result.Figures.AllowedOutcomes, Is.EqualTo(22));
        });
    }

    [Test]
    public async Task A_blocked_write_is_pending_and_later_done()
    {
        var run = (await CompareAsync(EveryKind, new FakeMachine())).Reference;
        var write = run.Steps[7];
        var resume = run.Steps[8];
        Assert.Multiple(() =>
        {
            Assert.That(write.Outcome.OfOperation(Field.Progress), Is.EqualTo("pending"));
            Assert.That(write.Context.After.Pending, Has.Count.EqualTo(1));
            Assert.That(resume.Outcome.Find(Subject.Completion(7), Field.Errno), Is.EqualTo("ENOSPC"));
            Assert.That(resume.Context.After.Pending, Is.Empty);
        });
    }

    [Test]
    public async Task The_handle_of_a_blocked_write_is_closed_when_it_is_done()
    {
        var run = (await CompareAsync(EveryKind, new FakeMachine())).Reference;
        int StepOfClose(int writeStep) => run.Steps.First(s => Enumerable.Range(s.FirstCall, s.CallCount).Any(i =>
            run.Schedule[i].Call is MachineCall.Close close && close.Handle == (1 << 20) + writeStep)).Context.Step;
        Assert.That(StepOfClose(7), Is.EqualTo(8));
    }

    [Test]
    public async Task A_device_without_a_node_gets_no_call()
    {
        var run = (await CompareAsync(EveryKind, new FakeMachine())).Reference;
        var read = run.Steps.Single(s => s.Context.Operation?.ToString() == "read name=d7 off=0s len=1s");
        Assert.That(read.Outcome.OfOperation(Field.Progress), Is.EqualTo("unsent"));
    }

    [Test]
    public async Task A_step_has_its_own_slot_of_time()
    {
        var run = (await CompareAsync("create name=d0\nadvance ms=1000\nls\n", new FakeMachine())).Reference;
        TimeSpan At(int step) => run.Schedule[run.Steps[step].FirstCall].At;
        Assert.Multiple(() =>
        {
            Assert.That(At(1), Is.EqualTo(TimeSpan.FromMilliseconds(125.5)));
            Assert.That(At(3), Is.EqualTo(TimeSpan.FromMilliseconds(125 * 11 + 0.5)), "one slot for the advance itself, eight that it skips");
        });
    }

    private static IEnumerable<TestCaseData> PlantedBugs()
    {
        yield return Bug("an_errno", new FakeMachine { Tamper = (c, _, e) => e == Errno.EBUSY ? Errno.EEXIST : e }, "create/operation/errno");
        yield return Bug("a_flag", new FakeMachine { Tamper = Header(DmCommand.DM_DEV_SUSPEND, h => h.Flags &= ~DmFlags.DM_SUSPEND_FLAG) },
            "suspend/operation/flags");
        yield return Bug("an_event_number", new FakeMachine { Tamper = Header(DmCommand.DM_DEV_STATUS, h => h.EventNr++) },
            "create/device/event-nr");
        yield return Bug("an_open_count", new FakeMachine { Tamper = Header(DmCommand.DM_DEV_STATUS, h => h.OpenCount = 1) },
            "create/device/open-count");
        yield return Bug("a_device_number", new FakeMachine { Tamper = Header(DmCommand.DM_DEV_CREATE, h => h.Dev++) },
            "create/operation/dev");
        yield return Bug("a_uuid", new FakeMachine { Tamper = Header(DmCommand.DM_DEV_CREATE, h => h.UuidField.Clear()) },
            "create/operation/uuid");
        yield return Bug("a_byte_past_the_header", new FakeMachine { Tamper = Header(DmCommand.DM_DEV_CREATE, h => h.Bytes[308] = 1) },
            "create/operation/bytes");
        yield return Bug("a_log_line", new FakeMachine { TamperLog = line => line with { Text = line.Text + "." } }, "remove/machine/log");
        yield return Bug("a_missing_log_line", new FakeMachine { TamperLog = _ => null }, "remove/machine/log");
        yield return Bug("a_log_level", new FakeMachine { TamperLog = line => line with { Level = 4 } }, "remove/machine/log");
        yield return Bug("one_written_byte", new FakeMachine { TamperWrite = data => data[^1] ^= 1 }, "write/loop/data");
        yield return Bug("a_lost_listing", new FakeMachine { Tamper = Header(DmCommand.DM_LIST_DEVICES, h => h.DataSize = 312) },
            "create/machine/listing");
        yield return Bug("a_wait_that_does_not_wait", new FakeMachine
        {
            Tamper = (c, _, e) => c == DmCommand.DM_DEV_WAIT ? Errno.EINTR : e,
        }, "message/completion/errno");

        static TestCaseData Bug(string name, FakeMachine kernel, string signature) =>
            new TestCaseData(kernel, signature).SetArgDisplayNames(name);

        static Func<DmCommand, Memory<byte>, Errno, Errno> Header(DmCommand command, HeaderChange change) => (given, buffer, errno) =>
        {
            if (given == command && errno == Errno.None)
                change(new DmIoctl(buffer.Span));
            return errno;
        };
    }

    private delegate void HeaderChange(DmIoctl header);

    [TestCaseSource(nameof(PlantedBugs))]
    public async Task A_planted_bug_is_found_and_named(object kernel, string signature)
    {
        var result = await CompareAsync(EveryKind, (FakeMachine)kernel);
        Assert.That(result, Is.InstanceOf<Diverged>());
        Assert.That(((Diverged)result).Divergence.Signature.ToString(), Is.EqualTo(signature));
    }

    [Test]
    public async Task A_divergence_ends_the_case_at_its_step()
    {
        var kernel = new FakeMachine { Tamper = (c, _, e) => e == Errno.EBUSY ? Errno.EEXIST : e };
        var divergence = ((Diverged)await CompareAsync(EveryKind, kernel)).Divergence;
        Assert.Multiple(() =>
        {
            Assert.That(divergence.Sequence.Operations, Has.Count.EqualTo(3));
            Assert.That(divergence.Last.Context.Operation, Is.EqualTo(new Operation.Create("d0")));
            Assert.That(divergence.Verdict.Differences, Is.EqualTo(new[] { new Difference(Subject.Operation, Field.Errno, "EBUSY", "EEXIST") }));
        });
    }

    private sealed class BusyOrExists : AllowedOutcomeRule
    {
        public override string Name => "busy-or-exists";
        public override string Reason => "a test";
        public override string Source => "none";

        public override IEnumerable<Alternative> Alternatives(StepContext context, StepOutcome model)
        {
            if (model.OfOperation(Field.Errno) == "EBUSY")
                yield return Alternative.Exactly(Subject.Operation, Field.Errno, "EEXIST");
        }
    }

    [Test]
    public async Task A_rule_allows_what_it_names_and_is_counted()
    {
        var kernel = new FakeMachine { Tamper = (c, _, e) => e == Errno.EBUSY ? Errno.EEXIST : e };
        var result = await CompareAsync(EveryKind, kernel, new BusyOrExists());
        Assert.Multiple(() =>
        {
            Assert.That(result, Is.InstanceOf<Agreed>());
            Assert.That(result.Figures.Allowed, Is.EqualTo(new[] { new AllowedUse("busy-or-exists", 3) }));
            Assert.That(result.Figures.AllowedOutcomes, Is.EqualTo(result.Figures.Steps + 1));
        });
    }

    [Test]
    public async Task A_rule_counts_even_when_the_kernel_does_as_the_model()
    {
        var result = await CompareAsync(EveryKind, new FakeMachine(), new BusyOrExists());
        Assert.That(result.Figures.AllowedOutcomes, Is.EqualTo(result.Figures.Steps + 1));
    }

    [Test]
    public async Task A_rule_allows_nothing_that_it_does_not_name()
    {
        var kernel = new FakeMachine { Tamper = (c, _, e) => e == Errno.EBUSY ? Errno.EPERM : e };
        Assert.That(await CompareAsync(EveryKind, kernel, new BusyOrExists()), Is.InstanceOf<Diverged>());
    }

    [Test]
    public async Task A_model_that_throws_is_a_finding()
    {
        var runner = new CaseRunner(
            new Contest(() => new FakeMachine { ThrowOn = DmCommand.DM_DEV_SUSPEND }, "fake", new Comparer([])), Kernel(new FakeMachine()));
        var result = await runner.RunAsync("case", Sequence(EveryKind));
        Assert.That(result, Is.InstanceOf<ModelFailed>());
        Assert.Multiple(() =>
        {
            Assert.That(((ModelFailed)result).Failure.Step, Is.EqualTo(6));
            Assert.That(result.Sequence.Operations, Has.Count.EqualTo(6), "what provokes it can be run again");
        });
    }

    [Test]
    public async Task Contents_that_nothing_touched_are_carried_over([Values(LookPolicy.Always, LookPolicy.WhenTouched)] LookPolicy policy)
    {
        var contest = new Contest(() => new FakeMachine(), "fake", new Comparer([]), policy);
        var result = await new CaseRunner(contest, Kernel(new FakeMachine())).RunAsync("case", Sequence(EveryKind));
        var listed = result.Reference.Steps[5];
        Assert.Multiple(() =>
        {
            Assert.That(result, Is.InstanceOf<Agreed>());
            Assert.That(listed.Context.Operation, Is.InstanceOf<Operation.ListDevices>());
            Assert.That(listed.Outcome.Find(Subject.Loop(0), Field.Size), Is.EqualTo("32768"));
            Assert.That(listed.CallCount, policy == LookPolicy.Always ? Is.GreaterThan(12) : Is.LessThan(12));
        });
    }

    [Test]
    public async Task A_divergence_replays_every_time()
    {
        static FakeMachine Wrong() => new() { Tamper = (c, _, e) => e == Errno.EBUSY ? Errno.EEXIST : e };
        var runner = new CaseRunner(Contest(), new InProcessBatchMachine("wrong", Wrong));
        var first = (Diverged)await runner.RunAsync("case", Sequence(EveryKind));
        Assert.That(await runner.ReplayAsync(first.Divergence, 10), Is.EqualTo(10));
    }

    private static Contest Contest(params AllowedOutcomeRule[] rules) => new(() => new FakeMachine(), "fake", new Comparer(rules));

    private static InProcessBatchMachine Kernel(FakeMachine machine) => new("fake kernel", () => machine);

    private static async Task<CaseResult> CompareAsync(string script, FakeMachine kernel, params AllowedOutcomeRule[] rules) =>
        await new CaseRunner(Contest(rules), Kernel(kernel)).RunAsync("case", Sequence(script));

    private static OperationSequence Sequence(string text)
    {
        Assert.That(OperationSequence.TryParse(text, out var sequence, out string error), Is.True, error);
        return sequence!;
    }
}
