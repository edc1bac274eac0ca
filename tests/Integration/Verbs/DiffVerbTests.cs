using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>dmsim diff [--kernel TAG] [--json] SCRIPT…</summary>
public sealed class DiffVerbTests
{
    [Test, Category("kernel")]
    public void Nothing_is_said_of_a_script_on_which_model_and_kernel_agree()
    {
        Dmsim.RequireVm();
        HostedShell.Require();
        using var folder = new ScratchFolder();
        string script = folder.Write("agree.sh", """
            truncate -s 1M disk; losetup /dev/loop0 disk
            dmsetup create lin --table "0 1024 linear /dev/loop0 8"; dmsetup info; dmsetup table
            dmsetup create bad --table "0 1024 linear"; dmesg -t
            exit 3
            """);
        Assert.That(Dmsim.Run(null, "diff", script), Is.EqualTo((0, "", "")));
    }

    [Test, Category("kernel")]
    public void Where_they_differ_both_sides_are_shown_and_the_status_is_1()
    {
        Dmsim.RequireVm();
        HostedShell.Require();
        using var folder = new ScratchFolder();
        string script = folder.Write("differ.sh", "echo same; uname -r\n");
        var (status, output, _) = Dmsim.Run(null, "diff", script);
        Assert.That(status, Is.EqualTo(1));
        Assert.That(output, Does.Match(@"differ\.sh: the model \(left\) and 6\.1\.\S+ \(right\) differ\nstandard output\n  same +same\n  6\.1\.0-dmsim +\| 6\.1\."));
    }

    [Test]
    public void Two_scripts_of_one_name_are_refused()
    {
        using var folder = new ScratchFolder();
        string script = folder.Write("one.sh", "true\n");
        Assert.That(Dmsim.Run(null, "diff", script, script), Is.EqualTo((4, "", "dmsim: Two of the scripts are called one.sh: rename one.\n")));
    }
}
