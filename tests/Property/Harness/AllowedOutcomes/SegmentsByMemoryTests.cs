using DmSim.Abi;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using NUnit.Framework;

namespace DmSim.Property.Harness.AllowedOutcomes;

internal sealed class SegmentsByMemoryTests
{
    private const string Before = "<3>I/O error, dev loop5, sector 0 op 0x1:(WRITE) flags 0x800 phys_seg ";
    private const string After = " prio class 2";

    private static readonly Comparer Comparer = new([new SegmentsByMemory()]);
    private static readonly Operation Load = new Operation.LoadTable("d0", []);

    [TestCase(Before + "1" + After, true)]
    [TestCase(Before + "2" + After, true)]
    [TestCase(Before + "3" + After, false, Description = "more than there are pages")]
    [TestCase(Before + "0" + After, false)]
    [TestCase(Before + "1 prio class 0", false, Description = "another word")]
    public void Pages_may_be_neighbours(string kernel, bool same) => Assert.That(Conforms(Load, kernel), Is.EqualTo(same));

    [Test]
    public void What_a_program_reads_and_writes_is_laid_out() =>
        Assert.That(Conforms(new Operation.Write("d0", new Bytes(0), new Bytes(4096), 0), Before + "1" + After), Is.False);

    private static bool Conforms(Operation operation, string kernel) => Comparer.Compare(
        new StepContext(1, operation, World.Empty, World.Empty), Log(Before + "2" + After), Log(kernel)).Conforms;

    private static StepOutcome Log(string text) => new([new Observed(Subject.Machine, Field.Log, text)]);
}
