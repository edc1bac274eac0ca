using DmSim.Kernel.Vm;

namespace DmSim.Kernel.Local;

/// <summary>
/// Why a <see cref="LocalMachine"/> may change the machine it runs on. Nobody gets one by accident: a test run or a fuzzer
/// pointed at the developer's own disks would be the worst bug of this project.
/// </summary>
public sealed class LocalConsent
{
    private LocalConsent() { }

    /// <summary>This process is init: the machine is a guest made for us and holds nobody's data.</summary>
    public static LocalConsent ThisIsAGuest() => Environment.ProcessId == 1 ? new LocalConsent()
        : throw new InvalidOperationException("not init: a guest's agent is process 1");

    /// <summary>The user has said, in so many words, that device-mapper and loop devices of this very host may be changed.</summary>
    public static LocalConsent TheUserWantsThisHostChanged() => Interop.Libc.EffectiveUser == 0 ? new LocalConsent()
        : throw new SetupException("Only root can use the device-mapper of this machine: become root, or run in a VM (the default).");
}

/// <summary>Where a <see cref="LocalMachine"/> keeps what it needs.</summary>
/// <param name="Nodes">A folder for device nodes of our own, on a file system mounted without nodev.</param>
/// <param name="Stores">A folder for the sparse files behind loop devices, on tmpfs or another file system with O_TMPFILE.</param>
public sealed record LocalFolders(string Nodes, string Stores)
{
    /// <summary>/run is a tmpfs on every Linux; some mount it nodev, /dev never.</summary>
    public static readonly LocalFolders Default = new("/dev/.dmsim", "/run/dmsim");
}
