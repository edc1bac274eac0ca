using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using NUnit.Framework;

namespace DmSim.Property.Harness.AllowedOutcomes;

internal sealed class WorkerNamesItselfTests
{
    private const string Line = "<6>dmsim: attempt to access beyond end of device\nloop1: rw=2048, sector=0, nr_sectors = 8 limit=4";

    [TestCase("<6>kworker/0:2: attempt to access beyond end of device\nloop1: rw=2048, sector=0, nr_sectors = 8 limit=4", true)]
    [TestCase("<6>kworker/u2:1: attempt to access beyond end of device\nloop1: rw=2048, sector=0, nr_sectors = 8 limit=4", true)]
    [TestCase("<6>kworker/0:2: attempt to access beyond end of device\nloop1: rw=2048, sector=0, nr_sectors = 8 limit=5", false)]
    [TestCase("<6>dd: attempt to access beyond end of device\nloop1: rw=2048, sector=0, nr_sectors = 8 limit=4", false)]
    [TestCase(null, false)]
    public void The_name_of_a_worker_may_differ_and_nothing_else(string? kernel, bool allowed)
    {
        var model = Outcome(Line);
        Assert.That(new WorkerNamesItself().Alternatives(Context, model).Any(a => a.Field == Field.Log && a.Matches(kernel)), Is.EqualTo(allowed));
    }

    [Test]
    public void It_says_nothing_about_other_lines() =>
        Assert.That(new WorkerNamesItself().Alternatives(Context, Outcome("<6>kworker/0:2: hello")), Is.Empty);

    private static StepContext Context => new(1, new Operation.ListDevices(), World.Empty, World.Empty);

    private static StepOutcome Outcome(string log) => new([new Observed(Subject.Machine, Field.Log, log)]);
}
