using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Outcomes;
using NUnit.Framework;

namespace DmSim.Property.Harness.AllowedOutcomes;

internal sealed class WorkersHaveNumbersTests
{
    private static readonly Comparer Comparer = new([new WorkersHaveNumbers()]);

    [TestCase("<6>kworker/0:0: attempt", "<6>kworker/0:2: attempt")]
    [TestCase("<6>kworker/u2:0: attempt", "<6>kworker/u2:11: attempt")]
    public void Any_worker_of_the_pool_may_have_done_it(string model, string kernel) =>
        Assert.That(Conforms(model, kernel), Is.True);

    [TestCase("<6>kworker/0:0: attempt", "<6>kworker/u2:0: attempt", Description = "another pool")]
    [TestCase("<6>kworker/0:0: attempt", "<6>dmsim: attempt", Description = "no worker")]
    [TestCase("<6>dmsim: attempt", "<6>kworker/0:0: attempt", Description = "no worker in the model")]
    [TestCase("<6>kworker/0:0: attempt 1", "<6>kworker/0:0: attempt 2", Description = "other text")]
    public void Nothing_else_may_differ(string model, string kernel) =>
        Assert.That(Conforms(model, kernel), Is.False);

    private static bool Conforms(string model, string kernel) => Comparer.Compare(
        new StepContext(1, null, World.Empty, World.Empty), Log(model), Log(kernel)).Conforms;

    private static StepOutcome Log(string text) => new([new Observed(Subject.Machine, Field.Log, text)]);
}
