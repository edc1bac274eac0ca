using DmSim.Abi;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using NUnit.Framework;

namespace DmSim.Property.Harness.AllowedOutcomes;

internal sealed class WaiterBetweenEventsTests
{
    private const int WaitStep = 3;
    private static readonly Subject Waiter = Subject.Completion(WaitStep);
    private static readonly Comparer Comparer = new([new WaiterBetweenEvents()]);

    [TestCase("6", "6", ExpectedResult = true)]
    [TestCase("6", "5", ExpectedResult = true, Description = "the first of two events")]
    [TestCase("7", "6", ExpectedResult = true)]
    [TestCase("6", "4", ExpectedResult = false, Description = "the number before any event")]
    [TestCase("6", "7", ExpectedResult = false, Description = "an event that never was")]
    [TestCase("5", "6", ExpectedResult = false)]
    public bool The_waiter_may_be_early(string model, string kernel) => Verdict(Reply(model), Reply(kernel)).Conforms;

    [Test]
    public void The_status_that_it_answers_is_exact() =>
        Assert.That(Verdict(Reply("6", "0 128 thin-pool 0 16/64 1/1 - out_of_data_space"), Reply("5", "0 128 thin-pool 0 16/64 1/1 - rw")).Conforms, Is.False);

    private static StepOutcome Reply(string number, string status = "x") =>
        new([new Observed(Waiter, Field.EventNr, number), new Observed(Waiter, Field.Status, status)]);

    private static StepVerdict Verdict(StepOutcome model, StepOutcome kernel)
    {
        Assert.That(OperationSequence.TryParse("wait name=d0 event=4\nflush name=d1\n", out var sequence, out string error), Is.True, error);
        var number = DeviceNumber.Dm(0);
        var before = World.Empty with
        {
            Devices = [new DeviceState("d0", "", number, DmFlags.None, 4, 0, [], [], [], [])],
            Pending = [new PendingOperation(WaitStep, sequence!.Operations[0], number)],
        };
        return Comparer.Compare(new StepContext(WaitStep + 1, sequence.Operations[1], before, before), model, kernel);
    }
}
