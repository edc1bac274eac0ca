using System.Text;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>
/// Files as the caller of a trapped system call names them, by path or by descriptor. The supervisor's thread that uses this lives
/// in the programs' mount namespace, and has the number of our file system from <see cref="FileSystem"/>.
/// </summary>
internal sealed class CallerPaths(DeviceTree tree)
{
    /// <summary>st_dev of our mount.</summary>
    public ulong FileSystem { get; set; }

    private const int MaxPath = 4096;

    /// <summary>A string of the caller's memory; null when it cannot be read.</summary>
    public static string? ReadString(uint thread, ulong address)
    {
        if (address == 0)
            return null;
        Span<byte> bytes = stackalloc byte[MaxPath];
        int count = 0;
        while (count < MaxPath)
        {
            // Never across a page boundary that need not be touched: what follows may not be there.
            int step = (int)Math.Min((ulong)(MaxPath - count), 4096 - ((address + (ulong)count) & 4095));
            if (count == 0)
                step = Math.Min(step, 256);
            var result = Libc.ReadMemory(thread, address + (ulong)count, bytes.Slice(count, step));
            if (result.Errno != Errno.None)
                return null;
            int end = bytes.Slice(count, result.Count).IndexOf((byte)0);
            if (end >= 0)
                return Encoding.UTF8.GetString(bytes[..(count + end)]);
            count += result.Count;
        }
        return null;
    }

    /// <summary>Where the supervisor finds what the caller calls <paramref name="path"/>: a folder's descriptor, and a path from there.</summary>
    private static (int Folder, string Path) Locate(uint thread, int folder, string path)
    {
        string? own = path switch
        {
            "/dev/stdin" => "fd/0",
            "/dev/stdout" => "fd/1",
            "/dev/stderr" => "fd/2",
            _ when path.StartsWith("/dev/fd/", StringComparison.Ordinal) => "fd/" + path["/dev/fd/".Length..],
            _ when path.StartsWith("/proc/self/", StringComparison.Ordinal) => path["/proc/self/".Length..],
            _ when path.StartsWith("/proc/thread-self/", StringComparison.Ordinal) => path["/proc/thread-self/".Length..],
            _ => null,
        };
        if (own is not null)
            return (Processes.Proc, $"{thread}/{own}");
        if (path.StartsWith('/'))
            return (Libc.AT_FDCWD, path);
        return (Processes.Proc, folder == Libc.AT_FDCWD ? $"{thread}/cwd/{path}" : $"{thread}/fd/{folder}/{path}");
    }

    /// <summary>stat(2) of a path; false when there is nothing, which the kernel will say itself.</summary>
    public static bool Stat(uint thread, int folder, string path, bool follow, out stat result)
    {
        var (at, name) = Locate(thread, folder, path);
        return Libc.Stat(at, name, follow ? 0 : Libc.AT_SYMLINK_NOFOLLOW, out result) == Errno.None;
    }

    /// <summary>statx(2) of a file of the host's, its disk renumbered.</summary>
    /// <param name="path">Null for the descriptor itself.</param>
    public static bool StatX(uint thread, int folder, string? path, int flags, uint mask, out statx result)
    {
        var (at, name) = path is null ? (Processes.Proc, $"{thread}/fd/{folder}") : Locate(thread, folder, path);
        if (Libc.StatX(at, name, path is null ? flags & ~Libc.AT_EMPTY_PATH : flags, mask, out result) != Errno.None)
            return false;
        if (HostDisks.IsMistakable(result.stx_dev_major))
        {
            var told = DeviceNumber.Decode(HostDisks.Renumber(new DeviceNumber(result.stx_dev_major, result.stx_dev_minor).Encode()));
            (result.stx_dev_major, result.stx_dev_minor) = (told.Major, told.Minor);
        }
        return true;
    }

    /// <summary>fstat(2).</summary>
    public static bool Stat(uint thread, int fd, out stat result) =>
        Libc.Stat(Processes.Proc, $"{thread}/fd/{fd}", 0, out result) == Errno.None;

    /// <summary>The number of the tree's node that was found, or null for another file system's.</summary>
    public ulong? NodeOf(in stat found) => found.st_dev == FileSystem ? found.st_ino : null;

    /// <summary>The tree's node of a descriptor; to be called inside the simulation.</summary>
    public TreeNode? Find(ulong node) => tree.Find(node);

    /// <summary>The kernel's name of a device; to be called inside the simulation.</summary>
    public string NameOf(DeviceNumber number) => tree.NameOf(number);

    /// <summary>A path cut into the folder's node and a name; null when the folder is not in the tree.</summary>
    public (ulong Folder, string Name)? Split(uint thread, int folder, string path)
    {
        path = path.TrimEnd('/');
        int slash = path.LastIndexOf('/');
        string name = path[(slash + 1)..];
        string parent = slash < 0 ? "." : slash == 0 ? "/" : path[..slash];
        return name is not ("" or "." or "..") && Stat(thread, folder, parent, true, out var found) && NodeOf(found) is { } node ? (node, name) : null;
    }
}
