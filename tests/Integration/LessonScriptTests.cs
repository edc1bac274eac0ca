using DmSim.Integration.Verbs;
using NUnit.Framework;

namespace DmSim.Integration;

/// <summary>The scripts of examples/: each prints the same on the model and on a real kernel, and comes to its end on both.</summary>
public sealed class LessonScriptTests
{
    private static string[] Scripts => Directory.GetFiles(Path.Combine(ScriptCorpusTests.Root, "examples"), "*.sh");

    [Test, Category("kernel")]
    public void Model_and_kernel_agree_on_every_lesson()
    {
        Dmsim.RequireVm();
        HostedShell.Require();
        using var folder = new ScratchFolder();
        var (status, output, errors) = Dmsim.Run(null, ["diff", "--keep", folder.Path, .. Scripts]);
        Assert.That((status, output), Is.EqualTo((0, "")), errors);
        foreach (string transcript in Scripts.Select(script => Path.Combine(folder.Path, "kernel", Path.GetFileName(script) + ".txt")))
            Assert.That(File.ReadAllText(transcript), Does.Not.Contain("exit status"), transcript);
    }

    /// <summary>What a lesson has made is gone when it ends, and when it cannot begin because something of the kind is there already.</summary>
    [Test]
    public void A_lesson_leaves_nothing_and_touches_nothing_that_was_there()
    {
        string all = string.Join(' ', Scripts);
        var (status, output) = HostedShell.Run($$"""
            export TMPDIR=$PWD
            for script in {{all}}; do
                case $script in */lvm.sh) name=lesson-data;; *) name=$(sed -n 's/^for name in \([a-z0-9]*\).*; do$/\1/p' "$script" | head -n 1);; esac
                bash "$script" >/dev/null 2>&1 || echo "$script: $?"
                dmsetup create "$name" --table "0 8 zero"
                bash "$script" >/dev/null 2>told && echo "$script has begun"
                grep -q 'left alone' told || echo "$script does not tell"
                dmsetup table "$name"
                dmsetup remove "$name"
                dmsetup ls; losetup -a
                rm told; ls | grep -v script.sh
            done
            """);
        Assert.That(output, Is.EqualTo(string.Concat(Scripts.Select(_ => "0 8 zero \nNo devices found\n"))));
        Assert.That(status, Is.EqualTo(1), "the last grep finds nothing");
    }
}
