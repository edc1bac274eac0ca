using System.Runtime.InteropServices;
using DmSim.Abi;

namespace DmSim.Kernel.Interop;

public static unsafe partial class Libc
{
    // sched.h
    public const int CLONE_NEWNS = 0x20000;
    public const int CLONE_NEWPID = 0x20000000;
    public const int CLONE_FS = 0x200;

    // spawn.h
    public const short POSIX_SPAWN_SETSIGMASK = 8;
    public const short POSIX_SPAWN_SETSIGDEF = 4;

    // signal.h
    public const int SIGKILL = 9;
    public const int SIGALRM = 14;

    // sys/mount.h
    public const int MNT_DETACH = 2;

    /// <summary>sizeof(posix_spawnattr_t) and sizeof(sigset_t) of glibc.</summary>
    public const int SizeOfSpawnAttributes = 336;

    public const int SizeOfSignalSet = 128;

    /// <summary>unshare(2) of the calling thread.</summary>
    public static Errno Unshare(int flags) => unshare(flags) < 0 ? LastErrno : Errno.None;

    /// <summary>setns(2) of the calling thread.</summary>
    public static Errno JoinNamespace(int fd, int kind) => setns(fd, kind) < 0 ? LastErrno : Errno.None;

    public static Errno Unmount(string target, int flags) => umount2(target, flags) < 0 ? LastErrno : Errno.None;

    /// <summary>
    /// posix_spawn with every signal as a program expects it at its start: nothing blocked, nothing ignored. .NET ignores SIGPIPE.
    /// </summary>
    public static Errno Spawn(byte* path, byte** arguments, byte** environment, out int process)
    {
        byte* attributes = stackalloc byte[SizeOfSpawnAttributes];
        byte* signals = stackalloc byte[SizeOfSignalSet];
        _ = posix_spawnattr_init(attributes);
        _ = sigfillset(signals);
        _ = posix_spawnattr_setsigdefault(attributes, signals);
        _ = sigemptyset(signals);
        _ = posix_spawnattr_setsigmask(attributes, signals);
        _ = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
        int pid = 0;
        int failure = posix_spawn(&pid, path, null, attributes, arguments, environment);
        process = pid;
        return (Errno)failure;
    }

    /// <summary>waitpid(2) as the shell's $? has it: 128 and the signal's number for who was killed.</summary>
    public static Errno WaitFor(int process, out int exitStatus)
    {
        int status = 0;
        while (waitpid(process, &status, 0) < 0)
        {
            if (LastErrno != Errno.EINTR)
            {
                exitStatus = -1;
                return LastErrno;
            }
        }
        int signal = status & 0x7f;
        exitStatus = signal != 0 ? 128 + signal : (status >> 8) & 0xff;
        return Errno.None;
    }

    public static Errno Kill(int process, int signal) => kill(process, signal) < 0 ? LastErrno : Errno.None;

    /// <summary>execve(2): comes back only when it fails.</summary>
    public static Errno Execute(byte* path, byte** arguments, byte** environment)
    {
        _ = execve(path, arguments, environment);
        return LastErrno;
    }

    [LibraryImport(Library, SetLastError = true)]
    private static partial int unshare(int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int setns(int fd, int kind);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);

    [LibraryImport(Library)]
    private static partial int posix_spawn(int* process, byte* path, void* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport(Library)]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport(Library)]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport(Library)]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport(Library)]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport(Library)]
    private static partial int sigfillset(byte* signals);

    [LibraryImport(Library)]
    private static partial int sigemptyset(byte* signals);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int waitpid(int process, int* status, int options);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int kill(int process, int signal);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int execve(byte* path, byte** arguments, byte** environment);
}
