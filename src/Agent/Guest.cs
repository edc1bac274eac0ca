using DmSim.Abi;
using DmSim.Kernel.Interop;
using DmSim.Kernel.Local;
using DmSim.Kernel.Vm;

namespace DmSim.Agent;

/// <summary>What init does before anything else: file systems, modules, and quiet.</summary>
internal static class Guest
{
    /// <summary>Whether very many short programs are to come, and the host wants to know which functions they run.</summary>
    public static bool IsForFuzzing => Environment.GetEnvironmentVariable(AgentImage.ForFuzzing) is not null;

    public static void MountFileSystems()
    {
        // /proc is there: FirstProgram.
        Mount("sysfs", "/sys", "sysfs");
        Mount("devtmpfs", "/dev", "devtmpfs");
        Mount("tmpfs", "/run", "tmpfs");
        Mount("tmpfs", "/tmp", "tmpfs");
        // Nothing is to be had that is not there already, and to look for it each time costs as much as ten tables (request_module, kernel/kmod.c, 6.1).
        File.WriteAllText("/proc/sys/kernel/modprobe", "\n");
        if (IsForFuzzing)
            Mount("tracefs", FunctionTrace.Folder, "tracefs");
    }

    private static void Mount(string type, string target, string source)
    {
        var errno = Libc.Mount(source, target, type, 0, null);
        // A kernel with CONFIG_DEVTMPFS_MOUNT has done /dev already.
        if (errno is not (Errno.None or Errno.EBUSY))
            throw new InvalidOperationException($"mount {target}: {errno}");
    }

    /// <summary>Loads the image's modules in its order; the image has them unpacked. A refusal is told on the console; what is then missing shows soon enough.</summary>
    public static void LoadModules()
    {
        string folder = Path.GetDirectoryName(AgentImage.ModuleList)!;
        foreach (string name in File.ReadLines(AgentImage.ModuleList))
        {
            var errno = Libc.Open(Path.Combine(folder, name), Libc.O_RDONLY | Libc.O_CLOEXEC, 0, out int fd);
            if (errno == Errno.None)
            {
                errno = Libc.LoadModule(fd, "", 0);
                Libc.Close(fd);
            }
            if (errno is not (Errno.None or Errno.EEXIST))
                Console.Error.WriteLine($"dmsim-agent: module {name}: {errno}");
        }
    }

    /// <summary>
    /// Waits until the kernel's random numbers are ready. It makes them so at first use, from the jitter of some hundred timers
    /// (try_to_generate_entropy, drivers/char/random.c, 6.1): a third of a case's instructions when that falls into the case.
    /// </summary>
    public static void WaitForRandomNumbers()
    {
        using var random = File.OpenRead("/dev/random");
        _ = random.ReadByte();
    }

    /// <summary>Timers fire when they are due, not up to 50 µs later as the kernel otherwise allows itself.</summary>
    public static void PrepareForQuiet()
    {
        // Or each wakes an idle guest up twice or once a second (kcompactd, mm/compaction.c; vmstat_shepherd, mm/vmstat.c, 6.1).
        File.WriteAllText("/proc/sys/vm/compaction_proactiveness", "0");
        File.WriteAllText("/proc/sys/vm/stat_interval", "86400");
        Libc.SetTimerSlack(TimeSpan.FromTicks(1));
        Libc.SetThreadName(LocalMachine.ThreadName);
        FirstComeFirstServed.JoinSelf();
        FirstComeFirstServed.JoinKernelThreads();
    }
}
