using DmSim.Abi;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using NUnit.Framework;

namespace DmSim.Property.Harness.AllowedOutcomes;

internal sealed class LeftByTwoTasksTests
{
    private const string Deferred = "remove-all deferred";

    private static readonly Comparer Comparer = new([new LeftByTwoTasks()]);

    /// <summary>Area snapshot, seed 1, cases 536 and 983: three devices are open, none is left in the end.</summary>
    [TestCase(1, 2)]
    [TestCase(1, 0)]
    [TestCase(0, 3)]
    public void The_task_counts_while_the_worker_removes(int model, int kernel) => Assert.That(Conforms(Deferred, Left(model), Left(kernel)));

    [Test]
    public void No_more_are_counted_than_were_open() => Assert.That(Conforms(Deferred, Left(1), Left(4)), Is.False);

    [Test]
    public void And_no_fewer_than_are_left()
    {
        Assert.That(Conforms(Deferred, Left(2), Left(1), leftInTheEnd: 1));
        Assert.That(Conforms(Deferred, Left(2), Left(0), leftInTheEnd: 1), Is.False);
    }

    [Test]
    public void What_stays_open_is_counted_exactly() => Assert.That(Conforms(Deferred, Left(3), Left(2), leftInTheEnd: 3), Is.False);

    [TestCase("<4>device-mapper: ioctl: remove_all left 2 open device(s)\n<4>device-mapper: thin: other", TestName = "Other lines are exact")]
    [TestCase("<3>device-mapper: ioctl: remove_all left 2 open device(s)", TestName = "The level of the line is exact")]
    [TestCase("<4>device-mapper: ioctl: remove_all left 2 open device(s)\n<4>device-mapper: ioctl: remove_all left 1 open device(s)",
        TestName = "The line comes once")]
    public void All_else_is_exact(string kernel) => Assert.That(Conforms(Deferred, Left(1), kernel), Is.False);

    [TestCase("remove-all")]
    [TestCase("remove name=d0 deferred")]
    public void One_task_alone_counts_exactly(string operation) => Assert.That(Conforms(operation, Left(1), Left(2)), Is.False);

    private static string Left(int count) => count == 0 ? "" : $"<4>device-mapper: ioctl: remove_all left {count} open device(s)";

    private static bool Conforms(string operation, string model, string kernel, int leftInTheEnd = 0)
    {
        Assert.That(OperationSequence.TryParse($"{operation}\n", out var sequence, out string error), Is.True, error);
        var devices = Enumerable.Range(0, 4).Select(i => new DeviceState($"d{i}", "", DeviceNumber.Dm((uint)i), DmFlags.None, 0, i == 3 ? 0 : 1, [], [], [], []));
        var before = World.Empty with { Devices = ValueList.From(devices) };
        var after = World.Empty with { Devices = ValueList.From(devices.Take(leftInTheEnd)) };
        return Comparer.Compare(new StepContext(1, sequence!.Operations[0], before, after), Log(model), Log(kernel)).Conforms;
    }

    private static StepOutcome Log(string text) =>
        text.Length == 0 ? new StepOutcome([]) : new StepOutcome([new Observed(Subject.Machine, Field.Log, text)]);
}
