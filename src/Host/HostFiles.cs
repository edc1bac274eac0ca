using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>Files of the host for loop devices that are set up before any program runs.</summary>
public static class HostFiles
{
    /// <summary>A file by its path; null when it cannot be opened in that way.</summary>
    public static IBackingFile? Open(string path, bool writable)
    {
        if (Libc.Open(path, (writable ? Libc.O_RDWR : Libc.O_RDONLY) | Libc.O_CLOEXEC, 0, out int fd) != Errno.None)
            return null;
        uint self = (uint)Environment.ProcessId;
        var file = CallerPaths.Stat(self, fd, out var found) ? HostFile.Open(self, fd, found) : null;
        Libc.Close(fd);
        return file == HostFile.InUse ? null : file;
    }

    /// <summary>A device node of the machine.</summary>
    public static IBackingFile OfNode(DeviceNumber node, bool writable) => HostFile.OfNode(node, writable, 0, $"/dev/{(node.Major == DeviceNumber.LoopMajor ? $"loop{node.Minor}" : $"dm-{node.Minor}")}");

    /// <summary>A file that has no name any more, with these contents.</summary>
    public static IBackingFile? MakeDeleted(string name, byte[] contents)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{name}.{Environment.ProcessId}");
        File.WriteAllBytes(path, contents);
        var file = Open(path, writable: true);
        File.Delete(path);
        return file;
    }
}
