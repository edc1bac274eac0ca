namespace DmSim.Kernel.Vm;

/// <summary>lvm2's settings (lvm.conf) for a machine without udev and daemons: the guest's, and a simulated machine's.</summary>
public static class LvmSettings
{
    /// <summary>Where lvm2 looks for lvm.conf, and keeps its backups.</summary>
    public const string Folder = "/etc/lvm";

    public static string Text { get; } = Read();

    private static string Read()
    {
        using var stream = typeof(LvmSettings).Assembly.GetManifestResourceStream("lvm.conf")!;
        return new StreamReader(stream).ReadToEnd();
    }
}
