using DmSim.Kernel.Vm;
using NUnit.Framework;

namespace DmSim.Property.Kernel;

public sealed class QemuCommandLineTests
{
    private static List<string> Build(Func<QemuOptions, QemuOptions>? change = null, bool kvm = false, string parent = "plain")
    {
        using var folder = new ScratchFolder();
        using var run = RunDirectory.Create(Directory.CreateDirectory(folder.File(parent)).FullName);
        var options = new QemuOptions { Kernel = new KernelImage("custom", "1", "", "/k/bzImage", "/k"), Initramfs = "/i.img" };
        return QemuCommandLine.Build(change?.Invoke(options) ?? options, run, kvm);
    }

    private static string After(List<string> words, string option) => words[words.IndexOf(option) + 1];

    [Test]
    public void Virtual_time_is_one_emulated_processor_whose_clock_counts_instructions()
    {
        var words = Build();
        Assert.That((After(words, "-accel"), After(words, "-icount"), After(words, "-smp")), Is.EqualTo(("tcg,thread=single", "shift=1,sleep=off", "1")));
        Assert.That(After(words, "-rtc"), Does.Contain("clock=vm"));
        Assert.That(After(words, "-append"), Does.Contain("nokaslr").And.Contain("rdinit=/init"));
    }

    [Test]
    public void Wall_time_takes_KVM_only_where_it_works()
    {
        QemuOptions Wall(QemuOptions o) => o with { VirtualTime = false };
        Assert.That((After(Build(Wall, kvm: true), "-accel"), After(Build(Wall), "-accel")), Is.EqualTo(("kvm", "tcg")));
        Assert.That(After(Build(kvm: true), "-accel"), Is.EqualTo("tcg,thread=single"), "virtual time needs emulation");
        Assert.That(Build(Wall), Does.Not.Contain("-icount"));
    }

    [Test]
    public void The_guest_has_no_network_and_no_devices_of_QEMU_s_own_choice() =>
        Assert.That(Build(), Does.Contain("-nodefaults").And.Contain("-no-reboot"));

    [Test]
    public void Channels_are_numbered_in_order_from_one()
    {
        var words = Build(o => o with { Channels = ["output", "control"] });
        Assert.That(words.Where(w => w.StartsWith("virtserialport", StringComparison.Ordinal)), Is.EqualTo((string[])[
            "virtserialport,bus=channels.0,chardev=channel0,name=output,nr=1", "virtserialport,bus=channels.0,chardev=channel1,name=control,nr=2"]));
        Assert.That(Build(), Does.Not.Contain("virtio-serial-pci,id=channels"));
    }

    [Test]
    public void A_comma_in_a_folder_s_name_is_doubled()
    {
        string monitor = Build(parent: "a,b").Single(w => w.Contains("id=monitor", StringComparison.Ordinal));
        Assert.That(monitor, Does.Contain("/a,,b/"));
    }

    [Test]
    public void Words_of_the_caller_end_the_kernel_s_command_line() =>
        Assert.That(After(Build(o => o with { CommandLine = "oops=panic", Init = "/agent/x" }), "-append"),
            Does.EndWith(" oops=panic").And.Contain("rdinit=/agent/x"));

    [Test]
    public void Snapshots_have_a_drive_of_their_own() =>
        Assert.That((Build(o => o with { Snapshots = true }).Contains("-blockdev"), Build().Contains("-blockdev")), Is.EqualTo((true, false)));
}
