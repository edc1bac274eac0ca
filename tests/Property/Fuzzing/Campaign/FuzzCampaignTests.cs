using DmSim.Abi;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Fuzzing.Campaign;
using DmSim.Harness.Fuzzing.Grammar;
using DmSim.Harness.Fuzzing.Programs;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.PlantedBugs;
using DmSim.Harness.Running;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Property.Fuzzing.Campaign;

/// <summary>A campaign with machines in this process in the place of a kernel: what it finds, keeps and survives.</summary>
internal sealed class FuzzCampaignTests
{
    private static readonly string[] SmallTargets = ["linear", "striped", "zero", "error", "flakey"];

    private static ModelMachine Fresh() => new(KernelProfile.Linux61);

    private static Contest Right => new(Fresh, "the model", new Comparer(AllowedOutcomeRules.All), LookPolicy.WhenTouched);

    private static Contest With(string bug) =>
        Right with { FreshModel = () => PlantedBugCatalogue.All.Single(known => known.Name == bug).FreshModel(KernelProfile.Linux61) };

    private static FuzzCampaignOptions Options(long programs, FuzzKind kind = FuzzKind.Table) =>
        new(kind, Seed: 1, TimeSpan.FromMinutes(5)) { Programs = programs, Targets = SmallTargets };

    /// <summary>Everything that a campaign tells.</summary>
    private sealed class Told : IFuzzProgress
    {
        public List<FuzzFindingReport> Findings { get; } = [];
        public List<FuzzProblem> NotConfirmed { get; } = [];

        public void Ran(FuzzFigures soFar)
        {
        }

        public void Found(FuzzFindingReport finding) => Findings.Add(finding);

        public void Dismissed(FuzzProblem problem, FuzzProgram program) => NotConfirmed.Add(problem);
    }

    private static async Task<(FuzzFigures Figures, Told Told)> RunAsync(FuzzCampaignOptions options, Contest contest, IBatchMachine? kernel = null, string? folder = null)
    {
        var told = new Told();
        await using var machine = kernel ?? new InProcessBatchMachine("the model", Fresh);
        return (await new FuzzCampaign(options, contest, machine, new FuzzCorpus(folder), told).RunAsync(), told);
    }

    [TestCase(FuzzKind.Table)]
    [TestCase(FuzzKind.Message)]
    [TestCase(FuzzKind.Ioctl)]
    public async Task Two_models_have_nothing_to_tell_of_each_other(FuzzKind kind)
    {
        var (figures, told) = await RunAsync(Options(40, kind), Right);
        Assert.That(told.Findings.Select(finding => $"{finding.Problem}\n{finding.Program.Sequence}"), Is.Empty);
        Assert.That(told.NotConfirmed, Is.Empty);
        Assert.That(figures.Programs, Is.AtLeast(40), "with what was read back");
        Assert.That(figures.Answers, Is.GreaterThan(15));
    }

    [TestCase("linear-refusal", "load")]
    [TestCase("flakey-features", "load")]
    public async Task A_planted_bug_is_found_by_loading_tables_and_made_small(string bug, string last)
    {
        var (_, told) = await RunAsync(Options(30) with { LifePercent = 0 }, With(bug));
        Assert.That(told.Findings, Is.Not.Empty);
        Assert.That(told.Findings.Select(finding => finding.Problem.Kind), Is.All.EqualTo(ProblemKind.Difference));
        var smallest = told.Findings[0].Program.Sequence.Operations;
        Assert.That(smallest, Has.Count.AtMost(3));
        Assert.That(smallest.Select(operation => operation.Verb), Does.Contain(last));
    }

    /// <summary>A machine that dies of every striped table whose line is at least so long.</summary>
    private sealed class Dying(ulong length, Func<int, GuestFailure> failure) : IBatchMachine
    {
        private readonly InProcessBatchMachine _inner = new("dying", Fresh);
        private int _deaths;

        public string Description => "dying";
        public bool IsTidied => false;
        public ValueTask<GuestFailure?> ResetAsync(ResetKind kind, CancellationToken cancel = default) => _inner.ResetAsync(kind, cancel);

        public async ValueTask<BatchReply> RunBatchAsync(IReadOnlyList<ScheduledCall> calls, CancellationToken cancel = default)
        {
            int deadly = Enumerable.Range(0, calls.Count).FirstOrDefault(i => Kills(calls[i].Call), -1);
            if (deadly < 0)
                return await _inner.RunBatchAsync(calls, cancel);
            var before = await _inner.RunBatchAsync([.. calls.Take(deadly)], cancel);
            return new BatchReply(before.Replies, failure(_deaths++));
        }

        private bool Kills(MachineCall call) => call is MachineCall.Control control && (DmCommand)(control.Request & 0xff) == DmCommand.DM_TABLE_LOAD
            && DmTargetSpec.TryDecodeLoad(control.Buffer.AsSpan(DmIoctl.Size), 1, out var lines, out _) && lines[0].Type == "striped" && lines[0].Length.Value >= length;

        public ValueTask DisposeAsync() => _inner.DisposeAsync();
    }

    private static GuestFailure Oops(int number) => new(GuestFailureKind.Crash, -1, "BUG: kernel NULL pointer dereference",
    [
        $"[   {number}.000001] BUG: kernel NULL pointer dereference, address: 00000000000000{number % 90 + 10}",
        $"[   {number}.000002] RIP: 0010:stripe_ctr+0x12{number % 10}/0x300 [dm_mod]",
        $"[   {number}.000003] Call Trace:",
        $"[   {number}.000004]  dm_table_add_target+0x17{number % 10}/0x3b0 [dm_mod]",
        $"[   {number}.000005]  table_load+0x14e/0x4a0 [dm_mod]",
        $"[   {number}.000006] ---[ end trace 0000000000000000 ]---",
    ]);

    [Test]
    public async Task A_crash_is_reported_once_with_the_table_that_does_it()
    {
        var (figures, told) = await RunAsync(Options(12) with { LifePercent = 0, Targets = ["striped", "linear"] }, Right, new Dying(384, Oops));
        Assert.That(told.Findings, Has.Count.EqualTo(1));
        var finding = told.Findings[0];
        Assert.That((finding.Problem.Kind, finding.IsFleeting), Is.EqualTo((ProblemKind.Crash, false)));
        Assert.That(finding.Problem.Signature, Does.StartWith("BUG: kernel NULL pointer dereference in stripe_ctr [stripe_ctr < dm_table_add_target < table_load]"));
        Assert.That(finding.Program.Sequence.Operations.Select(operation => operation.Verb), Is.EqualTo((string[])["load"]).Or.EqualTo((string[])["ioctl"]));
        Assert.That(figures.Repeated, Is.Positive, "it was met again");
        Assert.That(figures.Programs, Is.AtLeast(12), "the campaign went on to its end");
    }

    /// <summary>A machine that is killed, by whoever, at every third batch.</summary>
    private sealed class Killed : IBatchMachine
    {
        private readonly InProcessBatchMachine _inner = new("killed", Fresh);
        private int _batches;

        public int Deaths { get; private set; }
        public string Description => "killed";
        public bool IsTidied => false;
        public ValueTask<GuestFailure?> ResetAsync(ResetKind kind, CancellationToken cancel = default) => _inner.ResetAsync(kind, cancel);

        public async ValueTask<BatchReply> RunBatchAsync(IReadOnlyList<ScheduledCall> calls, CancellationToken cancel = default)
        {
            if (calls.Count < 3 || _batches++ % 3 != 2)
                return await _inner.RunBatchAsync(calls, cancel);
            Deaths++;
            var some = await _inner.RunBatchAsync([.. calls.Take(calls.Count / 2)], cancel);
            return new BatchReply(some.Replies, new GuestFailure(GuestFailureKind.Lost, -1, "the virtual machine ended", []));
        }

        public ValueTask DisposeAsync() => _inner.DisposeAsync();
    }

    [Test]
    public async Task A_machine_that_is_killed_costs_no_program_and_no_result()
    {
        var killed = new Killed();
        var unguided = Options(120) with { Guided = false, Echoes = false };
        var (figures, told) = await RunAsync(unguided, With("linear-refusal"), killed);
        var (quiet, heard) = await RunAsync(unguided, With("linear-refusal"));
        Assert.That(killed.Deaths, Is.GreaterThan(1));
        Assert.That(figures.Programs, Is.EqualTo(quiet.Programs));
        Assert.That(figures.Answers, Is.AtLeast(quiet.Answers), "a fresh machine says lines that a used one says too often");
        Assert.That(told.Findings.Select(finding => finding.Problem.Signature), Is.EquivalentTo(heard.Findings.Select(finding => finding.Problem.Signature)));
    }

    [Test]
    public async Task What_showed_something_new_is_kept_for_the_next_run()
    {
        using var folder = new Kernel.ScratchFolder();
        var (first, _) = await RunAsync(Options(20) with { Echoes = false }, Right, folder: folder.Path);
        string[] files = Directory.GetFiles(folder.Path, "*.ops");
        Assert.That(files, Has.Length.EqualTo(first.Corpus).And.Not.Empty);
        foreach (string file in files)
            Assert.That(OperationSequence.TryParse(File.ReadAllText(file, System.Text.Encoding.Latin1), out _, out string error), error);
        var (second, _) = await RunAsync(Options(0) with { Echoes = false }, Right, folder: folder.Path);
        Assert.That(second.FromCorpus, Is.EqualTo(files.Length));
        Assert.That(second.Answers, Is.AtLeast(first.Answers));
        Assert.That(Directory.GetFiles(folder.Path, "*.ops"), Has.Length.EqualTo(second.Corpus), "what shows nothing new any more goes");
    }

    [Test]
    public void A_leftover_device_and_a_wrong_read_back_are_seen()
    {
        var program = new FuzzProgram("linear", new OperationSequence(Ground.Loops,
            [new Operation.Create("d0", null, 0), new Operation.LoadTable("d0", [new TableLine(new Sectors(0), new Sectors(8), "linear", "7:0 0")]), new Operation.Table("d0", Inactive: true)]), Hurried: true);
        var calls = ProgramCalls.Of(program);
        var replies = ProgramRun.OnModel(Fresh, calls).Replies!.ToArray();
        Assert.That(ProgramJudge.Judge(calls, replies, null), Is.Null);
        int table = IndexOf(calls, CallPurpose.Operation, 2), left = IndexOf(calls, CallPurpose.Left, 3);

        var wrong = (MachineReply[])replies.Clone();
        wrong[table] = Altered((MachineReply.Control)replies[table], DmIoctl.Size + DmTargetSpec.LengthOffset, 16);
        Assert.That(ProgramJudge.Judge(calls, wrong, null), Has.Property("Kind").EqualTo(ProblemKind.ReadBack));

        var list = DmRequest.Create("x").Buffer;
        var leaking = new ModelMachine(KernelProfile.Linux61);
        leaking.ControlAsync(DmRequest.Create("x").Number, list).AsTask().GetAwaiter().GetResult();
        byte[] devices = DmRequest.ListDevices(room: 512).Buffer;
        leaking.ControlAsync(DmRequest.ListDevices().Number, devices).AsTask().GetAwaiter().GetResult();
        var leak = (MachineReply[])replies.Clone();
        leak[left] = new MachineReply.Control(Errno.None, devices);
        Assert.That(ProgramJudge.Judge(calls, leak, null), Has.Property("Kind").EqualTo(ProblemKind.Leak));

        var warned = (MachineReply[])replies.Clone();
        warned[^2] = new MachineReply.Log([new LogLine(4, "WARNING: CPU: 0 PID: 1 at drivers/md/dm-table.c:100 dm_table_create+0x10/0x20 [dm_mod]")]);
        Assert.That(ProgramJudge.Judge(calls, warned, null), Has.Property("Kind").EqualTo(ProblemKind.Crash));
    }

    /// <summary>A store is given to one snapshot at a time, so that such a table is refused when it is loaded over itself.</summary>
    [Test]
    public void A_read_back_that_the_model_refuses_too_is_no_finding()
    {
        var table = new Operation.LoadTable("d0", [new TableLine(new Sectors(0), new Sectors(4096), "snapshot", "7:0 7:2 PO 16")]);
        var program = new FuzzProgram("snapshot", new OperationSequence(Ground.Loops,
            [new Operation.Create("d0", null, 0), table, new Operation.Table("d0", Inactive: true), table]), Hurried: true);
        var calls = ProgramCalls.Of(program);
        var replies = ProgramRun.OnModel(Fresh, calls).Replies!;
        int again = IndexOf(calls, CallPurpose.Operation, 3);
        Assert.That(((MachineReply.Control)replies[again]).Errno, Is.EqualTo(Errno.EINVAL));
        Assert.That(ProgramJudge.Judge(calls, replies, null), Has.Property("Kind").EqualTo(ProblemKind.ReadBack));
        Assert.That(ProgramJudge.Judge(calls, replies, replies), Is.Null);
    }

    [TestCase("254:0: device 7:0 not in table devices list", "254:0: device 7:2 not in table devices list", true)]
    [TestCase("254:0: device 7:0 not in table devices list", "254:0: device 7:2 is not in the list", false)]
    [TestCase("254:0: linear: Device lookup failed (-ENODEV)", "254:0: linear: Invalid device sector (-EINVAL)", false)]
    public void Only_a_name_in_freed_memory_is_not_compared(string kernel, string model, bool same)
    {
        var program = new FuzzProgram("linear", new OperationSequence(Ground.Loops, [new Operation.Create("d0", null, 0)]), Hurried: true);
        var calls = ProgramCalls.Of(program);
        MachineReply[] replies = [.. ProgramRun.OnModel(Fresh, calls).Replies!];
        int log = IndexOf(calls, CallPurpose.Log, 0);
        Assert.That(ProgramJudge.Judge(calls, Saying(kernel), Saying(model))?.Kind, Is.EqualTo(same ? null : (ProblemKind?)ProblemKind.Difference));

        MachineReply[] Saying(string text)
        {
            var said = (MachineReply[])replies.Clone();
            said[log] = new MachineReply.Log([new LogLine(3, "device-mapper: table: " + text)]);
            return said;
        }
    }

    private static int IndexOf(ProgramCalls calls, CallPurpose purpose, int operation) => calls.Purposes.ToList().IndexOf(new ProgramCall(purpose, operation));

    private static MachineReply.Control Altered(MachineReply.Control reply, int offset, byte value)
    {
        byte[] bytes = (byte[])reply.Buffer.Clone();
        bytes[offset] = value;
        return new MachineReply.Control(reply.Errno, bytes);
    }
}
