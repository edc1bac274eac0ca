namespace DmSim.Kernel.Vm;

/// <summary>QEMU was killed from outside while it started. That says nothing of the kernel: whoever starts it may try again.</summary>
public sealed class QemuKilledException()
    : SetupException("The virtual machine is killed each time that it starts: see whether there is memory for it (1 GiB), and who kills it (dmesg).");
