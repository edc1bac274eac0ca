using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Outcomes;
using NUnit.Framework;

namespace DmSim.Property.Harness.AllowedOutcomes;

internal sealed class StacksOfWarningsTests
{
    private const string Model = "<6>before\n" + CutHere + "<4>WARNING: CPU: 0 PID: 1 at a/b.c:222 f.cold+0x0/0x2a [dm_mod]\n"
        + "<4>---[ end trace 0000000000000000 ]---\n<2>leaked 1";

    private const string CutHere = "<4>------------[ cut here ]------------\n";

    private const string Place = "PID: 72 at a/b.c:222 f.cold+0x0/0x2a [dm_mod]\n";

    private static readonly Comparer Comparer = new([new StacksOfWarnings()]);

    [TestCase(Place + "<4>RAX: 5\n<4> ? g+0x1/0x2 [dm_mod]\n", "<2>leaked 1", true)]
    [TestCase(Place, "<2>leaked 1", true)]
    [TestCase("PID: 72 at a/b.c:223 f.cold+0x0/0x2a [dm_mod]\n", "<2>leaked 1", false, Description = "another line of the source")]
    [TestCase(Place + "<4>RAX: 5\n", "<2>leaked 2", false, Description = "other words after it")]
    [TestCase(Place + "<4>RAX: 5\n<3>an error\n", "<2>leaked 1", false, Description = "a line of another level inside")]
    public void Only_what_the_processor_did_may_differ(string warning, string after, bool same)
    {
        string kernel = $"<6>before\n{CutHere}<4>WARNING: CPU: 0 {warning}<4>---[ end trace 960c0969a7408fda ]---\n{after}";
        Assert.That(Conforms(kernel), Is.EqualTo(same));
    }

    [TestCase("<6>before\n<2>leaked 1", Description = "no warning")]
    [TestCase("<6>before\n" + CutHere + "<4>WARNING: CPU: 0 " + Place + "<2>leaked 1", Description = "one that does not end")]
    public void A_warning_has_to_be_there(string kernel) => Assert.That(Conforms(kernel), Is.False);

    private static bool Conforms(string kernel) => Comparer.Compare(
        new StepContext(1, null, World.Empty, World.Empty), Log(Model), Log(kernel)).Conforms;

    private static StepOutcome Log(string text) => new([new Observed(Subject.Machine, Field.Log, text)]);
}
