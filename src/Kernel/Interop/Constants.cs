namespace DmSim.Kernel.Interop;

public static unsafe partial class Libc
{
    // fcntl.h
    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_RDWR = 2;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_NONBLOCK = 0x800;
    public const int O_DSYNC = 0x1000;
    public const int O_DIRECT = 0x4000;
    public const int O_CLOEXEC = 0x80000;
    public const int O_TMPFILE = 0x410000;

    // unistd.h
    public const int SEEK_END = 2;
    public const int SEEK_HOLE = 4;

    // sys/stat.h
    public const uint S_IFCHR = 0x2000;
    public const uint S_IFBLK = 0x6000;

    // sys/mman.h
    public const int PROT_NONE = 0;
    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int MAP_PRIVATE = 2;
    public const int MAP_ANONYMOUS = 0x20;
    public const int MADV_DONTNEED = 4;
    public const int MADV_NOHUGEPAGE = 15;

    // sys/mount.h
    public const ulong MS_NOSUID = 2;
    public const ulong MS_NODEV = 4;
    public const ulong MS_NOEXEC = 8;

    // signal.h
    public const int SIGUSR2 = 12;

    // sys/syscall.h, linux/module.h
    public const int SYS_tgkill = 234;
    public const int SYS_finit_module = 313;
    public const int MODULE_INIT_COMPRESSED_FILE = 4;

    // poll.h
    public const short POLLIN = 1;
    public const short POLLOUT = 4;
    public const short POLLERR = 8;

    // time.h
    public const int CLOCK_REALTIME = 0;
    public const int CLOCK_MONOTONIC = 1;
    public const int CLOCK_PROCESS_CPUTIME_ID = 2;
    public const int CLOCK_THREAD_CPUTIME_ID = 3;
    public const int CLOCK_REALTIME_COARSE = 5;
    public const int CLOCK_TAI = 11;
    public const int TIMER_ABSTIME = 1;

    // sys/prctl.h, sys/reboot.h
    public const int PR_SET_NAME = 15;
    public const int PR_SET_TIMERSLACK = 29;
    public const int RB_AUTOBOOT = 0x01234567;
    public const int RB_POWER_OFF = 0x4321fedc;

    // sched.h
    public const int SCHED_FIFO = 1;
    public const int CPU_SETSIZE = 1024;

    // sys/syscall.h, linux/ioprio.h
    public const int SYS_ioprio_set = 251;
    public const int IOPRIO_WHO_PROCESS = 1;
    public const int IOPRIO_CLASS_BE = 2;
    public const int IOPRIO_CLASS_SHIFT = 13;
    public const int IOPRIO_NORM = 4;

    // sys/socket.h, linux/netlink.h
    public const int AF_NETLINK = 16;
    public const int SOCK_RAW = 3;
    public const int SOCK_NONBLOCK = 0x800;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int NETLINK_KOBJECT_UEVENT = 15;
    public const int SOL_SOCKET = 1;
    public const int SO_RCVBUFFORCE = 33;

    // linux/fs.h
    public const uint BLKROGET = 0x125e;
    public const uint BLKSSZGET = 0x1268;
    public const uint BLKDISCARD = 0x1277;
    public const uint BLKIOMIN = 0x1278;
    public const uint BLKIOOPT = 0x1279;
    public const uint BLKALIGNOFF = 0x127a;
    public const uint BLKPBSZGET = 0x127b;
    public const uint BLKSECDISCARD = 0x127d;
    public const uint BLKZEROOUT = 0x127f;
    public const uint BLKGETSIZE64 = 0x80081272;

    // linux/loop.h
    public const uint LOOP_CLR_FD = 0x4c01;
    public const uint LOOP_GET_STATUS64 = 0x4c05;
    public const uint LOOP_SET_CAPACITY = 0x4c07;
    public const uint LOOP_CONFIGURE = 0x4c0a;
    public const uint LOOP_CTL_REMOVE = 0x4c81;
    public const uint LO_FLAGS_READ_ONLY = 1;
    public const int LO_NAME_SIZE = 64;
    public const int LO_KEY_SIZE = 32;
}
