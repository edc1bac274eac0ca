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

    /// <summary>Whoever needs memory may kill a VM: the cases it had done stay done, and the others are done in a fresh one.</summary>
    [Test]
    public void A_VM_that_is_killed_from_outside_costs_no_case()
    {
        using var dmsim = Dmsim.Start(null, "conform", "--area", "zero", "--cases", "40", "--ops", "20", "--jobs", "1");
        int killed = 0;
        for (string? line; (line = dmsim.ProgressLine()) is not null;)
        {
            if (killed > 0 || !line.Contains(" cases, ", StringComparison.Ordinal))
                continue;
            killed = dmsim.Children.Count(child => File.ReadAllText($"/proc/{child}/cmdline").Contains("qemu", StringComparison.Ordinal));
            foreach (int child in dmsim.Children)
                Dmsim.Signal(child, "KILL");
        }
        string output = dmsim.Output.ReadToEnd();
        Assert.That(killed, Is.GreaterThan(0), "nothing was there to be killed");
        Assert.That(dmsim.End().Status, Is.EqualTo((int)ExitCode.Agree), output);
        Assert.That(output, Does.Contain("40 cases, 880 steps compared"));
    }

    [Test]
    public void A_divergence_shows_again_ten_times_of_ten()
    {
        using var folder = new ScratchFolder();
        var (status, output, errors) = Dmsim.Run(null, "conform", "--plant", "striped-chunks", "--area", "striped", "--cases", "40", "--ops", "30",
            "--jobs", "1", "--out", folder.Path);
        Assert.That(status, Is.EqualTo((int)ExitCode.Diverge), output + errors);
        string sequence = Directory.GetFiles(folder.Path, "*.ops").Single();
        var again = Dmsim.Run(null, "replay", sequence, "--on", "both", "--times", "10", "--plant", "striped-chunks");
        Assert.That(again.Output, Does.EndWith("10 of 10: diverges in write/device/data at step 4\n"), again.Errors);
        Assert.That(Dmsim.Run(null, "replay", sequence, "--on", "both", "--times", "10").Output, Is.EqualTo("10 of 10: agrees\n"));
    }
}
