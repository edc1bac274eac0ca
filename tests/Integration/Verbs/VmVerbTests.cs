using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>dmsim vm [--kernel TAG | --kernel FILE --modules DIR] SCRIPT…</summary>
public sealed class VmVerbTests
{
    private static string Example(string name) => Path.Combine(ScriptCorpusTests.Root, "examples", name);

    [Test, Category("kernel")]
    public void Runs_the_examples_one_after_another()
    {
        Dmsim.RequireVm();
        var (status, output, errors) = Dmsim.Run(null, "vm", Example("striping.sh"), Example("suspend-and-swap.sh"));
        Assert.That((status, errors.Replace("device-mapper: reload ioctl on uneven (254:1) failed: Invalid argument\nCommand failed.\n", "")),
            Is.EqualTo((0, "")));
        Assert.That(output, Is.EqualTo("""
            0 6144 striped 3 8 7:0 0 7:1 0 7:2 0
            0 6144 striped 3 7:0 7:1 7:2 1 AAA
            03
            14
            25
            4096
            12288
            device-mapper: table: 254:1: striped: Target length not divisible by number of stripes (-EINVAL)
            device-mapper: table: 254:1: striped: Target length not divisible by chunk size (-EINVAL)
            live:     0 8 linear 7:0 0
            inactive: 0 8 linear 7:0 1024
            moving:Both:Active
            writes that wait: 1
            moving:Both:Suspended
            live:     0 8 linear 7:0 1024
            waiting
            moving:Live:Active

            """));
    }

    [Test, Category("kernel")]
    public void Ends_with_the_script_s_status_and_keeps_its_two_streams_apart()
    {
        var kernel = Dmsim.RequireVm();
        using var folder = new ScratchFolder();
        // The kernel asks for a target's module when a table names it; what a script leaves running does not keep the VM.
        string script = folder.Write("two streams.sh", """
            echo "$(basename "$0") on $(uname -r)"; echo err >&2; echo again >/dev/stderr
            truncate -s 1M disk; losetup /dev/loop0 disk
            dmsetup create m --table "0 8 unstriped 1 8 0 /dev/loop0 0" && dmsetup targets | grep -c unstriped
            sleep 1000000 &
            sleep 3600
            exit 7
            """);
        string never = folder.Write("never.sh", "echo never");
        var (status, output, errors) = Dmsim.Run(null, "vm", script, never);
        Assert.That(status, Is.EqualTo(7));
        Assert.That(output, Is.EqualTo($"two streams.sh on {kernel.Release}\n1\n"));
        Assert.That(errors, Is.EqualTo("err\nagain\n"));
    }

    [Test, Category("kernel")]
    public void A_crash_of_the_kernel_is_status_2_with_its_title()
    {
        Dmsim.RequireVm();
        using var folder = new ScratchFolder();
        var (status, output, errors) = Dmsim.Run(null, "vm", folder.Write("crash.sh", "echo before; sleep 1; echo c >/proc/sysrq-trigger; echo after"));
        Assert.That((status, output), Is.EqualTo((2, "before\n")));
        Assert.That(errors, Does.Match("dmsim: the kernel .* crashed: kernel panic: sysrq triggered crash in sysrq_handle_crash\n$"));
    }

    [Test, Category("kernel")]
    public void Ctrl_C_ends_the_VM_and_takes_its_files_away()
    {
        Dmsim.RequireVm();
        using var folder = new ScratchFolder();
        using var dmsim = Dmsim.Start(null, "vm", folder.Write("spin.sh", "echo spinning; while :; do :; done"));
        Assert.That(dmsim.Output.ReadLine(), Is.EqualTo("spinning"));
        var children = dmsim.Children;
        Assert.That(children, Is.Not.Empty);
        string runFolder = RunFolder(children[0]);
        dmsim.Signal("INT");
        Assert.That(dmsim.End(), Is.EqualTo((130, "")));
        Assert.That(children.Where(c => Directory.Exists($"/proc/{c}")), Is.Empty);
        Assert.That(Directory.Exists(runFolder), Is.False, runFolder);
    }

    /// <summary>The folder of a VM's sockets, as QEMU's command line names it.</summary>
    private static string RunFolder(int qemu)
    {
        string words = File.ReadAllText($"/proc/{qemu}/cmdline");
        string path = words.Split('\0').First(w => w.Contains("id=monitor", StringComparison.Ordinal)).Split("path=")[1];
        string folder = Path.GetDirectoryName(path)!;
        Assert.That(Directory.Exists(folder), Is.True, folder);
        return folder;
    }

    [TestCase("The script /nowhere.sh cannot be read", "vm", "/nowhere.sh")]
    [TestCase("There is no kernel '2.4'", "vm", "--kernel", "2.4", "/dev/null")]
    [TestCase("/dev/null is no x86 Linux kernel", "vm", "--kernel", "/dev/null", "/dev/null")]
    [TestCase("is an ELF file, not a boot image", "vm", "--kernel", "/bin/sh", "--modules", "/", "/dev/null")]
    public void What_it_cannot_use_is_one_sentence_and_status_3(string sentence, params string[] words)
    {
        var (status, output, errors) = Dmsim.Run(null, words);
        Assert.That((status, output), Is.EqualTo((3, "")));
        Assert.That(errors, Does.StartWith("dmsim: ").And.Contain(sentence));
        Assert.That(errors.Count(c => c == '\n'), Is.EqualTo(1));
    }

    [Test]
    public void A_kernel_of_one_s_own_needs_modules_that_belong_to_it()
    {
        using var folder = new ScratchFolder();
        byte[] image = new byte[0x1000];
        "HdrS"u8.CopyTo(image.AsSpan(0x202));
        image[0x20e] = 0x10;
        image[0x20f] = 0x02;
        "9.9.9-own (me@here) #1"u8.CopyTo(image.AsSpan(0x410));
        string file = Path.Combine(folder.Path, "bzImage");
        File.WriteAllBytes(file, image);
        Assert.That(Dmsim.Run(null, "vm", "--kernel", file, "/dev/null"),
            Is.EqualTo((3, "", $"dmsim: The kernel {file} was given without its modules: add --modules DIR, the folder that holds its *.ko files.\n")));
        Assert.That(Dmsim.Run(null, "vm", "--kernel", file, "--modules", folder.Path, "/dev/null"),
            Is.EqualTo((3, "", $"dmsim: There is no module (*.ko) under {folder.Path}: give the folder that `make modules_install` filled for this kernel.\n")));
    }

    [Test]
    public void Modules_without_a_kernel_are_a_mistake_of_usage() =>
        Assert.That(Dmsim.Run(null, "vm", "--modules", "/", "/dev/null").Status, Is.EqualTo(64));
}
