using System.Runtime.InteropServices;

namespace DmSim.Kernel.Interop;

#pragma warning disable CS8981 // The types have the names of their C originals.

[StructLayout(LayoutKind.Sequential)]
public struct pollfd
{
    public int fd;
    public short events;
    public short revents;
}

[StructLayout(LayoutKind.Sequential)]
public struct timespec
{
    public long tv_sec;
    public long tv_nsec;

    public static timespec From(TimeSpan time) => new()
    {
        tv_sec = time.Ticks / TimeSpan.TicksPerSecond,
        tv_nsec = time.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick,
    };

    /// <summary>Rounds down to .NET's 100 ns.</summary>
    public readonly TimeSpan ToTimeSpan() =>
        TimeSpan.FromTicks(tv_sec * TimeSpan.TicksPerSecond + tv_nsec / TimeSpan.NanosecondsPerTick);
}

[StructLayout(LayoutKind.Sequential)]
public struct sched_param
{
    public int sched_priority;
}

[StructLayout(LayoutKind.Sequential)]
public struct sockaddr_nl
{
    public ushort nl_family;
    public ushort nl_pad;
    public uint nl_pid;
    public uint nl_groups;
}

[StructLayout(LayoutKind.Sequential)]
public unsafe struct loop_info64
{
    public ulong lo_device;
    public ulong lo_inode;
    public ulong lo_rdevice;
    public ulong lo_offset;
    public ulong lo_sizelimit;
    public uint lo_number;
    public uint lo_encrypt_type;
    public uint lo_encrypt_key_size;
    public uint lo_flags;
    public fixed byte lo_file_name[Libc.LO_NAME_SIZE];
    public fixed byte lo_crypt_name[Libc.LO_NAME_SIZE];
    public fixed byte lo_encrypt_key[Libc.LO_KEY_SIZE];
    public fixed ulong lo_init[2];
}

[StructLayout(LayoutKind.Sequential)]
public unsafe struct loop_config
{
    public uint fd;
    public uint block_size;
    public loop_info64 info;
    public fixed ulong __reserved[8];
}
