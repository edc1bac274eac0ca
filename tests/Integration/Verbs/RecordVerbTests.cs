using DmSim.Cli;
using NUnit.Framework;

namespace DmSim.Integration.Verbs;

[Category("kernel")]
internal sealed class RecordVerbTests
{
    [OneTimeSetUp]
    public void RequireVm() => Dmsim.RequireVm();

    [Test]
    public void What_is_recorded_of_a_kernel_the_model_is_held_to_without_one()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var recorded = Dmsim.Run(null, "record", "--area", "error", "--cases", "3", "--ops", "8", "--out", folder);
            Assert.That(recorded.Status, Is.EqualTo((int)ExitCode.Agree), recorded.Errors);
            Assert.That(recorded.Output, Does.StartWith(Path.Combine(folder, "6.1-error-1.trace.gz") + ": 3 cases of kernel 6.1"));
            var check = Dmsim.Run(null, "check", folder);
            Assert.That(check.Status, Is.EqualTo((int)ExitCode.Agree), check.Output);
            Assert.That(check.Output, Does.Match("^1 traces, 3 cases, 30 steps .*; 0 differ\n$"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void A_sequence_of_ones_own_is_recorded_under_its_files_name()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string sequence = Path.Combine(folder, "two-zeros.ops");
            File.WriteAllText(sequence, "create name=d0\nload name=d0 line=\"0 8 zero\" line=\"8 8 zero\"\nresume name=d0\n");
            var recorded = Dmsim.Run(null, "record", "--sequences", sequence, "--out", folder);
            Assert.That(recorded.Status, Is.EqualTo((int)ExitCode.Agree), recorded.Errors);
            Assert.That(recorded.Output, Does.StartWith(Path.Combine(folder, "6.1-two-zeros.trace.gz") + ": 1 cases of kernel 6.1").And.EndWith("differs in 0\n"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
