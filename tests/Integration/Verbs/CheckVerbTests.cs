using DmSim.Cli;
using DmSim.Cli.Verbs;
using NUnit.Framework;

namespace DmSim.Integration.Verbs;

internal sealed class CheckVerbTests
{
    [Test]
    public void The_model_answers_as_the_kernels_did_whose_traces_come_with_dmsim()
    {
        Assert.That(Directory.GetFiles(CheckVerb.OwnTraces, "*.trace.gz"), Is.Not.Empty);
        var (status, output, errors) = Dmsim.Run(null, "check");
        Assert.That(status, Is.EqualTo((int)ExitCode.Agree), output + errors);
        Assert.That(output, Does.Contain("; 0 differ"));
    }

    [Test]
    public void A_trace_that_was_cut_off_is_refused_with_a_reason()
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.trace");
        File.WriteAllText(file, "dmsim-trace 1\nkernel k\nprofile 6.1\nlook always\n");
        try
        {
            var (status, _, errors) = Dmsim.Run(null, "check", file);
            Assert.That(status, Is.EqualTo((int)ExitCode.BadInput));
            Assert.That(errors, Does.StartWith($"dmsim: {file}: ").And.Not.Contain("   at "));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public void A_folder_without_traces_is_said_to_be_one()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        var (status, _, errors) = Dmsim.Run(null, "check", folder);
        Directory.Delete(folder);
        Assert.That(status, Is.EqualTo((int)ExitCode.BadInput));
        Assert.That(errors, Does.StartWith($"dmsim: There are no traces in {folder}"));
    }
}
