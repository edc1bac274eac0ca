namespace DmSim.Kernel.Vm;

/// <summary>The words with which QEMU is started. What was measured for each is in the comments.</summary>
internal static class QemuCommandLine
{
    /// <summary>Name of the drive that exists to hold snapshots.</summary>
    public const string SnapshotDrive = "snapshots";

    /// <summary>
    /// No random numbers of its own, so that a run repeats; and nothing that is fast only in hardware: emulated, "rep movsb" moves
    /// one byte at a time and an AVX instruction is a call, and both kernel and C library take them where they are offered.
    /// </summary>
    internal const string EmulatedCpu = $"{SoundCpu},-rdrand,-rdseed,-erms,-fsrm,-avx,-avx2,-xsave";

    /// <summary>
    /// Without cmpxchg16b: QEMU 7.2's emulation of it spoils the free lists of the slab allocator (mm/slub.c, __slab_update_freelist) of
    /// 6.12 ("kernel BUG in __put_partials" while the guest boots). Where it is missing the kernel takes a lock instead.
    /// </summary>
    private const string SoundCpu = "max,-cx16";

    private const string DeterministicKernel = "nokaslr norandmaps random.trust_cpu=off random.trust_bootloader=off";

    public static List<string> Build(QemuOptions options, RunDirectory run, bool kvm)
    {
        List<string> words =
        [
            "-nodefaults", "-no-user-config", "-no-reboot", "-nographic", "-vga", "none", "-nic", "none",
            "-machine", "pc", "-smp", "1", "-m", $"{options.MemoryMiB}M",
            "-kernel", options.Kernel.Image, "-initrd", options.Initramfs, "-append", KernelWords(options),
            "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
            "-chardev", $"socket,id=monitor,path={Escape(run.File("monitor"))}", "-mon", "chardev=monitor,mode=control",
        ];
        words.AddRange(Time(options.VirtualTime, kvm));
        if (options.Channels.Count > 0)
            words.AddRange(["-device", "virtio-serial-pci,id=channels"]);
        for (int i = 0; i < options.Channels.Count; i++)
        {
            words.AddRange(["-chardev", $"socket,id=channel{i},path={Escape(run.File($"channel{i}"))}"]);
            words.AddRange(["-device", $"virtserialport,bus=channels.0,chardev=channel{i},name={options.Channels[i]},nr={i + 1}"]);
        }
        if (options.StartPaused)
            words.Add("-S");
        if (options.Snapshots)
        {
            words.AddRange(["-blockdev",
                $"driver=qcow2,node-name={SnapshotDrive},file.driver=file,file.filename={Escape(run.File("snapshots.qcow2"))}"]);
        }
        return words;
    }

    private static IEnumerable<string> Time(bool virtualTime, bool kvm) => virtualTime
        ? ["-accel", "tcg,thread=single", "-icount", "shift=1,sleep=off", "-rtc", "base=2024-01-01,clock=vm", "-cpu", EmulatedCpu]
        : kvm ? ["-accel", "kvm", "-cpu", "host"]
        : ["-accel", "tcg", "-cpu", SoundCpu];

    private static string KernelWords(QemuOptions options)
    {
        string words = $"console=ttyS0 quiet panic=-1 rdinit={options.Init} mitigations=off";
        if (options.VirtualTime)
            words += $" {DeterministicKernel}";
        return options.CommandLine.Length == 0 ? words : $"{words} {options.CommandLine}";
    }

    /// <summary>A comma in a value of QEMU's key=value lists is written twice.</summary>
    private static string Escape(string value) => value.Replace(",", ",,", StringComparison.Ordinal);
}
