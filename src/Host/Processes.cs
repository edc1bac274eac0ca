using System.Globalization;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>
/// What /proc says of the programs inside. It is the /proc of the supervisor, opened before the programs got one of their own: the
/// numbers of notifications and of FUSE are in it.
/// </summary>
internal static class Processes
{
    private const string ProcPath = "/proc";

    private static readonly Lazy<int> Folder = new(() =>
    {
        Libc.OpenAt(Libc.AT_FDCWD, ProcPath, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, out int fd);
        return fd;
    });

    /// <summary>A descriptor of the folder /proc.</summary>
    public static int Proc => Folder.Value;

    /// <summary>A file of /proc as text; empty when the process is gone.</summary>
    public static string Read(string path)
    {
        if (Libc.OpenAt(Proc, path, Libc.O_RDONLY | Libc.O_CLOEXEC, out int fd) != Errno.None)
            return "";
        Span<byte> buffer = stackalloc byte[8192];
        var result = Libc.Read(fd, buffer);
        Libc.Close(fd);
        return System.Text.Encoding.UTF8.GetString(buffer[..result.Count]);
    }

    /// <summary>A file of /proc of any length.</summary>
    public static string ReadAll(string path)
    {
        if (Libc.OpenAt(Proc, path, Libc.O_RDONLY | Libc.O_CLOEXEC, out int fd) != Errno.None)
            return "";
        using var all = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        while (Libc.Read(fd, buffer) is { Errno: Errno.None, Count: > 0 and var count })
            all.Write(buffer, 0, count);
        Libc.Close(fd);
        return System.Text.Encoding.UTF8.GetString(all.ToArray());
    }

    /// <summary>A process and all that descend from it.</summary>
    public static IEnumerable<int> Below(int process)
    {
        yield return process;
        foreach (string task in List($"{ProcPath}/{process}/task"))
        {
            foreach (string child in Read($"{process}/task/{Path.GetFileName(task)}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!int.TryParse(child, out int number))
                    continue;
                foreach (int below in Below(number))
                    yield return below;
            }
        }
    }

    /// <summary>The entries of a folder; none when it is gone, as that of a process that ends while it is looked at.</summary>
    public static string[] List(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>utime, stime, cutime and cstime of a process, in ticks of a hundredth of a second; zero when it is gone.</summary>
    public static TimeSpan WorkOf(int process)
    {
        const int first = 11, last = 14;
        string[] words = Stat($"{process}");
        long ticks = 0;
        for (int i = first; i <= last && i < words.Length; i++)
            ticks += long.TryParse(words[i], CultureInfo.InvariantCulture, out long value) ? value : 0;
        return TimeSpan.FromMilliseconds(10 * ticks);
    }

    /// <summary>Whether SIGKILL is on its way to the thread; a signal that ends a program is turned into one.</summary>
    public static bool IsBeingKilled(uint thread)
    {
        string status = Read($"{thread}/status");
        return status.Length == 0 || HasKill(status, "SigPnd:") || HasKill(status, "ShdPnd:");
    }

    private static bool HasKill(string status, string field)
    {
        int at = status.IndexOf(field, StringComparison.Ordinal);
        if (at < 0)
            return false;
        var digits = status.AsSpan(at + field.Length).TrimStart();
        return ulong.TryParse(digits[..16], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits)
            && (bits & (1UL << (Libc.SIGKILL - 1))) != 0;
    }

    /// <summary>The file position of a process's file that is open on a node of ours with O_APPEND; 0 when there is none.</summary>
    public static ulong AppendPosition(uint thread, ulong node)
    {
        string folder = $"{ProcPath}/{thread}/fdinfo";
        foreach (string path in Directory.Exists(folder) ? Directory.GetFiles(folder) : [])
        {
            int fd = int.Parse(System.IO.Path.GetFileName(path), CultureInfo.InvariantCulture);
            if ((OpenFlags(thread, fd) & Libc.O_APPEND) != 0 && Read($"{thread}/fdinfo/{fd}").Contains($"\nino:\t{node}\n", StringComparison.Ordinal))
                return Position(thread, fd);
        }
        return 0;
    }

    /// <summary>The file position of an open file; 0 when it is gone.</summary>
    public static ulong Position(uint thread, int fd)
    {
        string info = Read($"{thread}/fdinfo/{fd}");
        return info.StartsWith("pos:", StringComparison.Ordinal)
            && ulong.TryParse(info.AsSpan(4, info.IndexOf('\n') - 4).Trim(), CultureInfo.InvariantCulture, out ulong position) ? position : 0;
    }

    /// <summary>f_flags of an open file.</summary>
    public static int OpenFlags(uint thread, int fd)
    {
        string info = Read($"{thread}/fdinfo/{fd}");
        int at = info.IndexOf("flags:", StringComparison.Ordinal);
        if (at < 0)
            return 0;
        int end = info.IndexOf('\n', at);
        return Convert.ToInt32(info[(at + 6)..end].Trim(), 8);
    }

    /// <summary>The program's name, as the kernel's log has it.</summary>
    public static string NameOf(uint thread) => Read($"{thread}/comm").TrimEnd('\n');

    /// <summary>The process that a thread belongs to; 0 when it is gone.</summary>
    public static int GroupOf(uint thread)
    {
        string status = Read($"{thread}/status");
        int at = status.IndexOf("Tgid:", StringComparison.Ordinal);
        return at >= 0 && int.TryParse(status.AsSpan(at + 5, status.IndexOf('\n', at) - at - 5).Trim(), out int group) ? group : 0;
    }

    /// <summary>The session that a thread belongs to; 0 when it is gone.</summary>
    public static int SessionOf(uint thread)
    {
        const int field = 3;
        return int.TryParse(Stat($"{thread}").ElementAtOrDefault(field), out int session) ? session : 0;
    }

    /// <summary>Whether a thread of our own runs, or would if there were a processor for it.</summary>
    public static bool IsAwake(int thread) => StateOf($"self/task/{thread}") == 'R';

    /// <summary>The letter for what a task does ('R', 'S', 'D' ...); 'X' when it is gone.</summary>
    /// <param name="task">Its folder in /proc.</param>
    public static char StateOf(string task) => Stat(task) is [{ Length: > 0 } state, ..] ? state[0] : 'X';

    /// <summary>Whether a process is on its way out, or gone (PF_EXITING, include/linux/sched.h).</summary>
    public static bool IsEnding(int process)
    {
        const uint exiting = 4;
        const int field = 6;
        string[] words = Stat($"{process}");
        return words.Length == 0 || (uint.TryParse(words.ElementAtOrDefault(field), out uint flags) && (flags & exiting) != 0);
    }

    /// <summary>When a process began, in the kernel's ticks: two of the same number differ in it. Empty when it is gone.</summary>
    public static string StartOf(int process)
    {
        const int field = 19;
        return Stat($"{process}").ElementAtOrDefault(field) ?? "";
    }

    /// <summary>
    /// How often a task has given up the processor so far, of itself or not: who has run between two looks has another number. Empty when it
    /// is gone.
    /// </summary>
    /// <param name="task">Its folder in /proc.</param>
    public static string SwitchesOf(string task)
    {
        string status = Read($"{task}/status");
        int at = status.IndexOf("voluntary_ctxt_switches:", StringComparison.Ordinal);
        return at < 0 ? "" : status[at..];
    }

    /// <summary>The fields of a task's stat after its name, which may have blanks and brackets in it; none when it is gone.</summary>
    /// <param name="task">Its folder in /proc.</param>
    private static string[] Stat(string task)
    {
        string stat = Read($"{task}/stat");
        int end = stat.LastIndexOf(") ", StringComparison.Ordinal);
        return end < 0 ? [] : stat[(end + 2)..].Split(' ');
    }
}
