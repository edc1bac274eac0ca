using DmSim.Cli;
using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>conform, and the verbs that take up what it leaves, on a real kernel.</summary>
[Category("kernel")]
internal sealed class ConformVerbTests
{
    [OneTimeSetUp]
    public void RequireVm() => Dmsim.RequireVm();

    [Test]
    public void Conform_says_that_model_and_kernel_agree()
    {
        var (status, output, errors) = Dmsim.Run(null, "conform", "--area", "zero", "--cases", "6", "--ops", "12", "--jobs", "1");
        Assert.That(status, Is.EqualTo((int)ExitCode.Agree), output + errors);
        Assert.That(output, Does.Match(@"6 cases, 84 steps compared in .* cases/s"));
        Assert.That(output, Does.Contain("0 divergences, 0 guest failures, 0 model failures"));
    }

    [Test]
    public void Conform_refuses_an_area_that_is_none()
    {
        var (status, _, errors) = Dmsim.Run(null, "conform", "--area", "nosuch");
        Assert.That(status, Is.EqualTo((int)ExitCode.Usage));
        Assert.That(errors, Does.Contain("There is no area nosuch: take one of all, control"));
    }
}
