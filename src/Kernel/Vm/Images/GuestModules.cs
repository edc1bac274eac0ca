namespace DmSim.Kernel.Vm;

/// <summary>Which kernel modules the guests load.</summary>
public static class GuestModules
{
    /// <summary>Without these nothing can be compared: the link to the host, device-mapper, loop.</summary>
    public static readonly IReadOnlyList<string> Required = ["virtio_pci", "virtio_console", "dm-mod", "loop"];

    /// <summary>
    /// Loaded where the kernel has them: the modules of the targets that the model has, no others, so that both know the same types.
    /// linear, striped, error (and io_err) are in dm-mod; zero has been a module always.
    /// </summary>
    public static readonly IReadOnlyList<string> Wanted = ["dm-zero", "dm-delay", "dm-flakey", "dm-thin-pool", "dm-snapshot"];

    /// <summary>Loaded for the harness, whose tables may name a RAM disk; scripts would see sixteen of them everywhere.</summary>
    public static readonly IReadOnlyList<string> OfHarness = [.. Wanted, "brd"];

    /// <summary>
    /// What the guest of a fuzzer has beside those: every target that a kernel package of Debian brings, with what its tables can ask for
    /// (path selectors, cache policies, mirror logs, RAID levels, ciphers and digests). Kernels that lack some load the others.
    /// </summary>
    public static readonly IReadOnlyList<string> OtherTargets =
        ["dm-log-writes", "dm-dust", "dm-mirror", "dm-log-userspace", "dm-raid", "dm-cache", "dm-cache-smq", "dm-writecache", "dm-era", "dm-unstripe", "dm-switch", "dm-crypt",
         "dm-verity", "dm-integrity", "dm-clone", "dm-ebs", "dm-multipath", "dm-round-robin", "dm-queue-length", "dm-service-time", "dm-historical-service-time", "dm-io-affinity",
         "dm-zoned", "dm-vdo", "dm-pcache", "raid0", "raid1", "raid10", "raid456",
         "aes_generic", "xts", "cbc", "ecb", "essiv", "authenc", "hmac", "sha256_generic", "sha512_generic", "md5", "crc32c_generic"];

    /// <summary>
    /// All that the guest of a fuzzer loads. Not brd: a word like "128" where a device should stand is one of its ram disks (new_decode_dev,
    /// include/linux/kdev_t.h, 6.1), which is made on the spot and which no model has.
    /// </summary>
    public static IReadOnlyList<string> ForFuzzing { get; } = [.. Wanted, .. OtherTargets];

    /// <summary>
    /// What scripts get when they ask for it: the kernel calls modprobe. Loading all of them at boot would cost seconds (raid6 measures
    /// its algorithms when it is loaded).
    /// </summary>
    public static readonly IReadOnlyList<string> OnDemand =
        ["dm-log-writes", "dm-dust", "dm-mirror", "dm-log-userspace", "dm-raid", "dm-cache", "dm-cache-smq", "dm-writecache", "dm-era", "dm-unstripe", "dm-switch", "dm-crypt",
         "dm-verity", "dm-integrity", "dm-clone", "dm-ebs", "dm-multipath", "dm-round-robin", "dm-queue-length", "dm-service-time", "dm-zoned",
         "dm-vdo", "dm-pcache", "brd", "null_blk", "raid0", "raid1", "raid10", "raid456", "ext4"];
}
