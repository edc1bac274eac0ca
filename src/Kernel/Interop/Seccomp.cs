using System.Runtime.InteropServices;
using DmSim.Abi;

namespace DmSim.Kernel.Interop;

#pragma warning disable CS8981 // The types have the names of their C originals.

[StructLayout(LayoutKind.Sequential)]
public struct sock_filter
{
    public ushort code;
    public byte jt;
    public byte jf;
    public uint k;
}

[StructLayout(LayoutKind.Sequential)]
public unsafe struct sock_fprog
{
    public ushort len;
    public sock_filter* filter;
}

[StructLayout(LayoutKind.Sequential)]
public unsafe struct seccomp_data
{
    public int nr;
    public uint arch;
    public ulong instruction_pointer;
    public fixed ulong args[6];
}

[StructLayout(LayoutKind.Sequential)]
public struct seccomp_notif
{
    public ulong id;
    public uint pid;
    public uint flags;
    public seccomp_data data;
}

[StructLayout(LayoutKind.Sequential)]
public struct seccomp_notif_addfd
{
    public ulong id;
    public uint flags;
    public uint srcfd;
    public uint newfd;
    public uint newfd_flags;
}

[StructLayout(LayoutKind.Sequential)]
public struct seccomp_notif_resp
{
    public ulong id;
    public long val;
    public int error;
    public uint flags;
}

public static unsafe partial class Libc
{
    // linux/seccomp.h
    public const uint SECCOMP_SET_MODE_FILTER = 1;
    public const uint SECCOMP_FILTER_FLAG_NEW_LISTENER = 1 << 3;
    public const uint SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 1 << 5;
    public const uint SECCOMP_RET_USER_NOTIF = 0x7fc00000;
    public const uint SECCOMP_RET_ALLOW = 0x7fff0000;
    public const uint SECCOMP_RET_ERRNO = 0x00050000;
    public const uint SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;
    public const uint SECCOMP_IOCTL_NOTIF_RECV = 0xc0502100;
    public const uint SECCOMP_IOCTL_NOTIF_SEND = 0xc0182101;
    public const uint SECCOMP_IOCTL_NOTIF_ADDFD = 0x40182103;
    public const uint SECCOMP_ADDFD_FLAG_SEND = 2;
    public const uint SECCOMP_IOCTL_NOTIF_ID_VALID = 0x40082102;

    // linux/filter.h, linux/bpf_common.h, linux/audit.h
    public const ushort BPF_LD_W_ABS = 0x20;
    public const ushort BPF_ALU_AND_K = 0x54;
    public const ushort BPF_JMP_JEQ_K = 0x15;
    public const ushort BPF_JMP_JGE_K = 0x35;
    public const ushort BPF_RET_K = 0x06;
    public const uint AUDIT_ARCH_X86_64 = 0xc000003e;

    // sys/prctl.h
    public const int PR_SET_NO_NEW_PRIVS = 38;
    public const int PR_SET_CHILD_SUBREAPER = 36;

    // linux/futex.h
    public const int FUTEX_WAIT_BITSET = 9;
    public const int FUTEX_PRIVATE_FLAG = 128;
    public const int FUTEX_CLOCK_REALTIME = 256;

    // sys/personality.h
    public const ulong ADDR_NO_RANDOMIZE = 0x0040000;

    // sys/syscall.h
    public const int SYS_open = 2;
    public const int SYS_stat = 4;
    public const int SYS_fstat = 5;
    public const int SYS_lstat = 6;
    public const int SYS_lseek = 8;
    public const int SYS_ioctl = 16;
    public const int SYS_nanosleep = 35;
    public const int SYS_uname = 63;
    public const int SYS_chown = 92;
    public const int SYS_fchown = 93;
    public const int SYS_lchown = 94;
    public const int SYS_syslog = 103;
    public const int SYS_mknod = 133;
    public const int SYS_personality = 135;
    public const int SYS_gettimeofday = 96;
    public const int SYS_time = 201;
    public const int SYS_futex = 202;
    public const int SYS_clock_gettime = 228;
    public const int SYS_setpriority = 141;
    public const int SYS_mlock = 149;
    public const int SYS_munlock = 150;
    public const int SYS_mlockall = 151;
    public const int SYS_munlockall = 152;
    public const int SYS_statfs = 137;
    public const int SYS_fstatfs = 138;
    public const int SYS_sync = 162;
    public const int SYS_fadvise64 = 221;
    public const int SYS_clock_nanosleep = 230;
    public const int SYS_openat = 257;
    public const int SYS_mknodat = 259;
    public const int SYS_fchownat = 260;
    public const int SYS_newfstatat = 262;
    public const int SYS_timer_settime = 223;
    public const int SYS_setitimer = 38;
    public const int SYS_seccomp = 317;
    public const int SYS_statx = 332;
    public const int SYS_pidfd_open = 434;
    public const int SYS_pidfd_getfd = 438;

    /// <summary>seccomp(2): filters the calling thread and what it starts. The answer is the listener.</summary>
    public static Errno InstallFilter(sock_fprog* program, uint flags, out int listener)
    {
        listener = (int)syscall(SYS_seccomp, (nint)SECCOMP_SET_MODE_FILTER, (nint)flags, (nint)program);
        return listener < 0 ? LastErrno : Errno.None;
    }

    /// <summary>pidfd_open(2) and pidfd_getfd(2): a descriptor of another process's, as our own.</summary>
    public static Errno TakeDescriptor(int process, int descriptor, out int own)
    {
        own = -1;
        int handle = (int)syscall(SYS_pidfd_open, process, 0, 0);
        if (handle < 0)
            return LastErrno;
        own = (int)syscall(SYS_pidfd_getfd, handle, descriptor, 0);
        var errno = own < 0 ? LastErrno : Errno.None;
        Close(handle);
        return errno;
    }

    /// <summary>No setuid program gains anything from here on; an unprivileged filter needs that.</summary>
    public static Errno SetNoNewPrivileges() => prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? LastErrno : Errno.None;

    /// <summary>personality(2) of this thread: what it starts has its memory at the same addresses every time.</summary>
    public static void KeepAddresses() => _ = syscall(SYS_personality, (nint)ADDR_NO_RANDOMIZE, 0, 0);

    public static Errno BecomeSubreaper() => prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? LastErrno : Errno.None;

    /// <summary>process_vm_readv of one run: how many bytes could be read.</summary>
    public static IoResult ReadMemory(uint process, ulong address, Span<byte> data)
    {
        fixed (byte* p = data)
        {
            var local = new iovec { iov_base = p, iov_len = (nuint)data.Length };
            var remote = new iovec { iov_base = (byte*)address, iov_len = (nuint)data.Length };
            return Moved(process_vm_readv((int)process, &local, 1, &remote, 1, 0));
        }
    }

    public static IoResult WriteMemory(uint process, ulong address, ReadOnlySpan<byte> data)
    {
        fixed (byte* p = data)
        {
            var local = new iovec { iov_base = p, iov_len = (nuint)data.Length };
            var remote = new iovec { iov_base = (byte*)address, iov_len = (nuint)data.Length };
            return Moved(process_vm_writev((int)process, &local, 1, &remote, 1, 0));
        }
    }

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint process_vm_readv(int pid, iovec* local, nuint localCount, iovec* remote, nuint remoteCount, nuint flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint process_vm_writev(int pid, iovec* local, nuint localCount, iovec* remote, nuint remoteCount, nuint flags);
}
