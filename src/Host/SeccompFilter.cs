using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>Which system calls come to the supervisor. A row of the table is a system call, and a condition on its arguments.</summary>
internal static class SeccompFilter
{
    /// <summary>Where the low half of argument N lies in struct seccomp_data.</summary>
    private static uint Argument(int index) => 16 + 8 * (uint)index;

    private const uint Number = 0;
    private const uint Architecture = 4;

    /// <param name="Call">The system call's number.</param>
    /// <param name="Tests">Jumps that end in a verdict of their own; none when the call is always trapped.</param>
    private sealed record Row(int Call, sock_filter[]? Tests = null, uint Verdict = Libc.SECCOMP_RET_USER_NOTIF);

    private static sock_filter Load(uint offset) => new() { code = Libc.BPF_LD_W_ABS, k = offset };
    private static sock_filter And(uint mask) => new() { code = Libc.BPF_ALU_AND_K, k = mask };
    private static sock_filter Return(uint verdict) => new() { code = Libc.BPF_RET_K, k = verdict };

    private static sock_filter IfEqual(uint value, byte then, byte otherwise) =>
        new() { code = Libc.BPF_JMP_JEQ_K, k = value, jt = then, jf = otherwise };

    /// <summary>All but folders and mere paths. Which file it is cannot be looked at here.</summary>
    private static sock_filter[] Open(int flagsArgument) =>
    [
        Load(Argument(flagsArgument)), And(Libc.O_DIRECTORY | Libc.O_PATH), IfEqual(0, 1, 0), Return(Libc.SECCOMP_RET_ALLOW),
    ];

    private static sock_filter[] DeviceMode(int modeArgument) =>
        [Load(Argument(modeArgument)), And(Libc.S_IFMT), IfEqual(Libc.S_IFBLK, 2, 0), IfEqual(Libc.S_IFCHR, 1, 0), Return(Libc.SECCOMP_RET_ALLOW)];

    /// <summary>By the type byte of the request: device-mapper's, loop's, the block layer's, and one of hard disks.</summary>
    private static sock_filter[] BlockIoctl() =>
    [
        Load(Argument(1)), And(0xffff), IfEqual(0x0301, 5, 0),
        And(0xff00), IfEqual(0xfd00, 3, 0), IfEqual(0x4c00, 2, 0), IfEqual(0x1200, 1, 0), Return(Libc.SECCOMP_RET_ALLOW),
    ];

    /// <summary>A step forward from the start or from where the file is: it may go past a device's end. Others pass.</summary>
    private static sock_filter[] SeekForward() =>
    [
        Load(Argument(2)), IfEqual(Libc.SEEK_SET, 1, 0), IfEqual(Libc.SEEK_CUR, 0, 6),
        Load(Argument(1) + 4), IfEqual(0, 2, 0), And(0x80000000), IfEqual(0, 3, 2),
        Load(Argument(1)), IfEqual(0, 0, 1), Return(Libc.SECCOMP_RET_ALLOW),
    ];

    private static IEnumerable<Row> Rows(bool virtualTime)
    {
        foreach (int call in (int[])[Libc.SYS_newfstatat, Libc.SYS_fstat, Libc.SYS_stat, Libc.SYS_lstat, Libc.SYS_statx])
            yield return new Row(call);
        yield return new Row(Libc.SYS_ioctl, BlockIoctl());
        yield return new Row(Libc.SYS_lseek, SeekForward());
        yield return new Row(Libc.SYS_open, Open(1));
        yield return new Row(Libc.SYS_openat, Open(2));
        yield return new Row(Libc.SYS_mknod, DeviceMode(1));
        yield return new Row(Libc.SYS_mknodat, DeviceMode(2));
        foreach (int call in (int[])[Libc.SYS_chown, Libc.SYS_fchown, Libc.SYS_lchown, Libc.SYS_fchownat, Libc.SYS_syslog, Libc.SYS_sync, Libc.SYS_uname,
            Libc.SYS_statfs, Libc.SYS_fstatfs, Libc.SYS_fadvise64])
            yield return new Row(call);
        // lvm2 wants its memory locked and its priority raised; neither matters here.
        foreach (int call in (int[])[Libc.SYS_setpriority, Libc.SYS_mlock, Libc.SYS_munlock, Libc.SYS_mlockall, Libc.SYS_munlockall])
            yield return new Row(call, Verdict: Libc.SECCOMP_RET_ERRNO);
        if (!virtualTime)
            yield break;
        foreach (int call in (int[])[Libc.SYS_nanosleep, Libc.SYS_clock_nanosleep, Libc.SYS_timer_settime, Libc.SYS_setitimer])
            yield return new Row(call);
        yield return new Row(Libc.SYS_clock_gettime, Clock());
        yield return new Row(Libc.SYS_gettimeofday);
        yield return new Row(Libc.SYS_time);
        yield return new Row(Libc.SYS_futex, WaitUntil());
    }

    /// <summary>Of the clocks that tell the time of day.</summary>
    private static sock_filter[] Clock() =>
    [
        Load(Argument(0)), .. ClockTraps.Clocks.Select((clock, i) => IfEqual((uint)clock, (byte)(ClockTraps.Clocks.Length - i), 0)),
        Return(Libc.SECCOMP_RET_ALLOW),
    ];

    /// <summary>Until a time of day.</summary>
    private static sock_filter[] WaitUntil() =>
    [
        Load(Argument(3)), IfEqual(0, 3, 0),
        Load(Argument(1)), And(~(uint)Libc.FUTEX_PRIVATE_FLAG), IfEqual(Libc.FUTEX_WAIT_BITSET | Libc.FUTEX_CLOCK_REALTIME, 1, 0),
        Return(Libc.SECCOMP_RET_ALLOW),
    ];

    /// <summary>The program: 32-bit calls pass unseen, and so does what is in no row.</summary>
    public static sock_filter[] Build(bool virtualTime)
    {
        var program = new List<sock_filter>
        {
            Load(Architecture),
            IfEqual(Libc.AUDIT_ARCH_X86_64, 1, 0),
            Return(Libc.SECCOMP_RET_ALLOW),
            Load(Number),
        };
        foreach (var row in Rows(virtualTime))
        {
            var body = row.Tests ?? [];
            program.Add(IfEqual((uint)row.Call, 0, checked((byte)(body.Length + 1))));
            program.AddRange(body);
            program.Add(Return(row.Verdict));
        }
        program.Add(Return(Libc.SECCOMP_RET_ALLOW));
        return [.. program];
    }
}
