using DmSim.Abi;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using NUnit.Framework;

namespace DmSim.Property.Harness.AllowedOutcomes;

internal sealed class StatisticsDurationsTests
{
    private const string Model = "0+8 2 0 16 100 1 0 8 0 0 100 100 100 0 1:2\n";

    private static readonly Comparer Comparer = new([new StatisticsDurations()]);

    [TestCase("0+8 2 0 16 108 1 0 8 4 0 104 112 100 4 1:2\n", Description = "a jiffy here and there")]
    [TestCase("0+8 2 0 16 92 1 0 8 0 0 100 100 100 0 1:2\n")]
    public void Times_may_differ_a_little(string kernel) => Assert.That(Conforms(Model, kernel), Is.True);

    [TestCase("0+8 2 0 16 200 1 0 8 0 0 100 100 100 0 1:2\n", Description = "too long")]
    [TestCase("0+8 3 0 16 100 1 0 8 0 0 100 100 100 0 1:2\n")]
    [TestCase("0+8 2 1 16 100 1 0 8 0 0 100 100 100 0 1:2\n")]
    [TestCase("0+8 2 0 17 100 1 0 8 0 0 100 100 100 0 1:2\n")]
    [TestCase("0+8 2 0 16 100 1 0 8 0 1 100 100 100 0 1:2\n")]
    [TestCase("0+8 2 0 16 100 1 0 8 0 0 100 100 100 0 2:1\n")]
    [TestCase("8+8 2 0 16 100 1 0 8 0 0 100 100 100 0 1:2\n")]
    [TestCase("0+8 2 0 16 100 1 0 8 0 0 100 100 100 0\n")]
    [TestCase(Model + Model)]
    public void Nothing_else_may(string kernel) => Assert.That(Conforms(Model, kernel), Is.False);

    [Test]
    public void Nanoseconds_may_differ_by_as_many_milliseconds()
    {
        const string kernel = "0+8 2 0 16 60100 1 0 8 0 0 100 100 100 0 1:2\n";
        Assert.That(Conforms(Model, kernel, precise: true), Is.True);
        Assert.That(Conforms(Model, kernel), Is.False);
    }

    [Test]
    public void No_time_passes_where_there_was_no_io() =>
        Assert.That(Conforms("0+8 0 0 0 0 0 0 0 0 0 0 0 0 0\n", "0+8 0 0 0 4 0 0 0 0 0 0 0 0 0\n"), Is.False);

    [Test]
    public void Other_messages_are_exact() => Assert.That(Conforms(Model, Model.Replace("100 1", "104 1", StringComparison.Ordinal), text: "@stats_list"), Is.False);

    private static bool Conforms(string model, string kernel, bool precise = false, string text = "@stats_print 0")
    {
        var device = new DeviceState("d0", "", DeviceNumber.Dm(0), DmFlags.None, 0, 0, [], [], [], []);
        var world = World.Empty with { Devices = [device], Regions = [new RegionState(device.Number, "0", precise)] };
        var message = new Operation.Message(DeviceRef.ByName("d0"), Sectors.Zero, text);
        return Comparer.Compare(new StepContext(1, message, world, world), Answer(model), Answer(kernel)).Conforms;
    }

    private static StepOutcome Answer(string text) => new([new Observed(Subject.Operation, Field.Message, text)]);
}
