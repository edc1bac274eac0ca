using DmSim.Cli;
using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>dmsim matrix</summary>
internal sealed class MatrixVerbTests
{
    [TestCase("There is no kernel 2.4: take of", "--kernels", "6.1,2.4")]
    [TestCase("--kernel FILE and --modules DIR go together.", "--kernel", "bzImage")]
    [TestCase("--baseline and --accept belong to --against TAG.", "--accept")]
    [TestCase("There is no area nosuch", "--area", "nosuch")]
    public void What_cannot_be_meant_is_refused(string sentence, params string[] words)
    {
        var (status, output, errors) = Dmsim.Run(null, ["matrix", .. words]);
        Assert.That((status, output), Is.EqualTo(((int)ExitCode.Usage, "")));
        Assert.That(errors, Does.Contain(sentence));
    }

    [Test]
    public void The_kernel_to_compare_with_has_to_be_there()
    {
        var (status, _, errors) = Dmsim.Run(null, "matrix", "--kernels", "6.1", "--against", "5.10");
        Assert.That((status, errors), Is.EqualTo(((int)ExitCode.BadInput, "dmsim: --against 5.10 is not among the kernels 6.1: name it in --kernels as well.\n")));
    }

    [Test]
    public void Sequences_that_are_none_are_named()
    {
        using var folder = new ScratchFolder();
        var (status, _, errors) = Dmsim.Run(null, "matrix", "--kernels", "6.1", "--no-store", "--sequences", folder.Path);
        Assert.That((status, errors), Is.EqualTo(((int)ExitCode.BadInput, $"dmsim: There is no sequence (*.ops) in {folder.Path}.\n")));
        string broken = Path.Combine(folder.Path, "broken.ops");
        File.WriteAllText(broken, "no such operation\n");
        Assert.That(Dmsim.Run(null, "matrix", "--kernels", "6.1", "--no-store", "--sequences", broken).Errors, Does.StartWith($"dmsim: {broken} is no sequence of operations: line 1"));
    }

    /// <summary>Two kernels, what is found, kept, run first the next time, and taken into a baseline.</summary>
    [Test, Category("kernel")]
    public void What_changed_between_two_kernels_is_found_kept_and_accepted()
    {
        Dmsim.RequireVm();
        using var folder = new ScratchFolder();
        string store = Path.Combine(folder.Path, "store"), page = Path.Combine(folder.Path, "page.html"), junit = Path.Combine(folder.Path, "junit.xml");
        string[] words = ["matrix", "--kernels", "6.1,6.12", "--ops", "12", "--area", "zero", "--jobs", "1", "--store", store,
            "--against", "6.1", "--baseline", Path.Combine(folder.Path, "baseline")];
        var first = Dmsim.Run(null, [.. words, "--cases", "2", "--html", page, "--junit", junit]);
        Assert.That(first.Status, Is.EqualTo((int)ExitCode.Diverge), first.Output + first.Errors);
        Assert.That(first.Output, Does.Contain("6.1->6.12 device/limits").And.Contains("NEW"));
        Assert.That(File.ReadAllText(page), Does.Contain("6.1-&gt;6.12"));
        Assert.That(File.ReadAllText(junit), Does.Contain("<testsuite name=\"6.12\""));
        var accepted = Dmsim.Run(null, [.. words, "--accept", "--cases", "0"]);
        Assert.That(accepted.Status, Is.EqualTo((int)ExitCode.Agree), accepted.Errors);
        var again = Dmsim.Run(null, [.. words, "--cases", "0"]);
        // What takes long says on the other stream how far it is.
        Assert.That(again.Status, Is.EqualTo((int)ExitCode.Agree), again.Output + again.Errors);
        Assert.That(again.Output, Does.Contain("0 new"));
    }
}
