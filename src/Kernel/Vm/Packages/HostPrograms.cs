namespace DmSim.Kernel.Vm;

/// <summary>Programs of the host, looked up in PATH and in the folders for administration that PATH often leaves out.</summary>
public static class HostPrograms
{
    private static readonly string[] AlwaysSearched = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The path of a program; null when the host has none of that name.</summary>
    public static string? Find(string name)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        foreach (string folder in folders.Concat(AlwaysSearched))
        {
            string path = Path.Combine(folder, name);
            if (Path.IsPathRooted(path) && IsExecutable(path))
                return path;
        }
        return null;
    }

    /// <summary>The path of a program that must be there.</summary>
    /// <param name="package">Debian's package that brings it.</param>
    public static string Need(string name, string package) => Find(name) ?? throw new SetupException(
        $"The program {name} is missing: run scripts/setup, or install the package {package} (apt-get install {package}).");

    private static bool IsExecutable(string path)
    {
        const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return File.Exists(path) && (File.GetUnixFileMode(path) & AnyExecute) != 0;
    }
}
