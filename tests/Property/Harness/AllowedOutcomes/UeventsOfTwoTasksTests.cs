using DmSim.Abi;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using NUnit.Framework;

namespace DmSim.Property.Harness.AllowedOutcomes;

internal sealed class UeventsOfTwoTasksTests
{
    private static readonly Comparer Comparer = new([new UeventsOfTwoTasks()]);

    [Test]
    public void Events_of_two_devices_may_come_in_either_order() =>
        Assert.That(Conforms("remove name=d6", "remove dm-0\nremove dm-0\nremove dm-3", "remove dm-3\nremove dm-0\nremove dm-0"));

    [TestCase("change dm-0\nremove dm-0\nremove dm-3", "remove dm-3\nremove dm-0\nchange dm-0", TestName = "The order of one device's events is exact")]
    [TestCase("remove dm-0\nremove dm-3", "remove dm-3", TestName = "None may be missing")]
    [TestCase("remove dm-0\nremove dm-3", "remove dm-3\nremove dm-0\nremove dm-0", TestName = "None may come twice")]
    [TestCase("remove dm-0\nremove dm-3", "remove dm-3\nremove dm-0 DM_COOKIE=1", TestName = "What they carry is exact")]
    public void All_else_is_exact(string model, string kernel) => Assert.That(Conforms("remove name=d6", model, kernel), Is.False);

    [TestCase("suspend name=d6")]
    [TestCase("create name=d6")]
    public void One_task_sends_in_its_own_order(string operation) =>
        Assert.That(Conforms(operation, "change dm-0\nchange dm-1", "change dm-1\nchange dm-0"), Is.False);

    [Test]
    public void A_resume_is_two_tasks_only_when_another_ends_with_it()
    {
        const string One = "change dm-0\nchange dm-1", Other = "change dm-1\nchange dm-0";
        Assert.That(Conforms("resume name=d6", One, Other, deferred: false), Is.False);
        Assert.That(Conforms("resume name=d6", One, Other, deferred: false, pending: "resume name=d0"));
        Assert.That(Conforms("resume name=d6", One, Other, deferred: false, pending: "wait name=d0 event=0"), Is.False);
    }

    private static bool Conforms(string operation, string model, string kernel, bool deferred = true, string? pending = null)
    {
        Assert.That(OperationSequence.TryParse($"{pending ?? "ls"}\n{operation}\n", out var sequence, out string error), Is.True, error);
        var flags = deferred ? DmFlags.DM_DEFERRED_REMOVE : DmFlags.None;
        var after = World.Empty with { Devices = [new DeviceState("d3", "", DeviceNumber.Dm(3), flags, 0, 0, [], [], [], [])] };
        var before = pending is null ? after : after with { Pending = [new PendingOperation(1, sequence!.Operations[0], null)] };
        return Comparer.Compare(new StepContext(2, sequence!.Operations[1], before, after), Uevents(model), Uevents(kernel)).Conforms;
    }

    private static StepOutcome Uevents(string uevents) => new([new Observed(Subject.Machine, Field.Uevents, uevents)]);
}
