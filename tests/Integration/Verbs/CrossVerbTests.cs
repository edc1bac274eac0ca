using DmSim.Cli;
using NUnit.Framework;

namespace DmSim.Integration.Verbs;

[Category("kernel")]
internal sealed class CrossVerbTests
{
    [OneTimeSetUp]
    public void RequireVm() => Dmsim.RequireVm();

    [TestCase("pool")]
    [TestCase("store")]
    public void What_either_wrote_is_opened_by_both_and_they_go_on_alike(string kind)
    {
        var (status, output, errors) = Dmsim.Run(null, "cross", "--kind", kind, "--images", "4", "--ops", "25", "--seed", "1");
        Assert.That(status, Is.EqualTo((int)ExitCode.Agree), output + errors);
        Assert.That(output, Does.Match("^4 images of the kernel's went on on the model, 4 of the model's on the kernel \\([0-4] were the same bytes\\); [0-9]+ steps compared\n$"));
    }
}
