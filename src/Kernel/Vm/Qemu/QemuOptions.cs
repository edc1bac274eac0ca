namespace DmSim.Kernel.Vm;

/// <summary>What machine to boot.</summary>
public sealed record QemuOptions
{
    public required KernelImage Kernel { get; init; }

    /// <summary>Path of the initramfs.</summary>
    public required string Initramfs { get; init; }

    /// <summary>
    /// Names of byte channels between host and guest. The guest finds them, in this order, as /dev/vport0p1, /dev/vport0p2 …
    /// </summary>
    public IReadOnlyList<string> Channels { get; init; } = [];

    public int MemoryMiB { get; init; } = 512;

    /// <summary>
    /// Virtual time: instructions are the clock, idle time is skipped, a boot repeats exactly. Needs software emulation. Without
    /// it guest time is wall time, under KVM where the probe found it to work.
    /// </summary>
    public bool VirtualTime { get; init; } = true;

    /// <summary>Whether <see cref="QemuProcess.SaveSnapshotAsync"/> will be used.</summary>
    public bool Snapshots { get; init; }

    /// <summary>A disk with a snapshot to begin with instead of an empty one; it is copied.</summary>
    public string? SnapshotFile { get; init; }

    /// <summary>Whether the CPU stands still at first, for a snapshot to be loaded.</summary>
    public bool StartPaused { get; init; }

    /// <summary>Further words for the kernel's command line; NAME=value without a dot becomes init's environment.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>Path of the program in the initramfs that the kernel starts.</summary>
    public string Init { get; init; } = "/init";

    /// <summary>Keeps the whole console in a file, too.</summary>
    public string? ConsoleFile { get; init; }

    /// <summary>The folder for remembered verdicts (does KVM work here); needed only without virtual time.</summary>
    public CacheDirectory? Cache { get; init; }
}
