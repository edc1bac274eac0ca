using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using NUnit.Framework;

namespace DmSim.Property.Harness.AllowedOutcomes;

internal sealed class WaiterMeetsRemovalTests
{
    private const int WaitStep = 3;
    private static readonly Subject Waiter = Subject.Completion(WaitStep);
    private static readonly Comparer Comparer = new([new WaiterMeetsRemoval()]);

    [TestCase("ACTIVE_PRESENT", "SUSPEND|ACTIVE_PRESENT")]
    [TestCase("SUSPEND|ACTIVE_PRESENT", "ACTIVE_PRESENT")]
    public void The_waiter_may_see_the_device_suspended_or_not(string model, string kernel) =>
        Assert.That(Verdict("remove name=d0", Flags(model), Flags(kernel)).Conforms, Is.True);

    [Test]
    public void No_other_flag_may_differ() =>
        Assert.That(Verdict("remove name=d0", Flags("ACTIVE_PRESENT"), Flags("READONLY|ACTIVE_PRESENT")).Conforms, Is.False);

    [Test]
    public void Nothing_is_allowed_when_the_device_is_not_removed() =>
        Assert.That(Verdict("resume name=d0", Flags("ACTIVE_PRESENT"), Flags("SUSPEND|ACTIVE_PRESENT")).Conforms, Is.False);

    private static StepOutcome Flags(string flags) => new([new Observed(Waiter, Field.Flags, flags)]);

    private static StepVerdict Verdict(string operation, StepOutcome model, StepOutcome kernel)
    {
        Assert.That(OperationSequence.TryParse($"wait name=d0 event=0\n{operation}\n", out var sequence, out string error), Is.True, error);
        var before = World.Empty with { Pending = [new PendingOperation(WaitStep, sequence!.Operations[0], null)] };
        return Comparer.Compare(new StepContext(WaitStep + 1, sequence.Operations[1], before, before), model, kernel);
    }
}
