using System.Runtime.InteropServices;
using System.Text;
using DmSim.Abi;

namespace DmSim.Kernel.Interop;

#pragma warning disable CS8981 // The types have the names of their C originals.

[StructLayout(LayoutKind.Sequential)]
public unsafe struct iovec
{
    public byte* iov_base;
    public nuint iov_len;
}

/// <summary>struct stat of x86-64.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct stat
{
    public ulong st_dev;
    public ulong st_ino;
    public ulong st_nlink;
    public uint st_mode;
    public uint st_uid;
    public uint st_gid;
    public uint __pad0;
    public ulong st_rdev;
    public long st_size;
    public long st_blksize;
    public long st_blocks;
    public timespec st_atim;
    public timespec st_mtim;
    public timespec st_ctim;
    public fixed long __glibc_reserved[3];
}

[StructLayout(LayoutKind.Sequential)]
public struct statx_timestamp
{
    public long tv_sec;
    public uint tv_nsec;
    public int __statx_timestamp_pad1;
}

[StructLayout(LayoutKind.Sequential)]
public unsafe struct statx
{
    public uint stx_mask;
    public uint stx_blksize;
    public ulong stx_attributes;
    public uint stx_nlink;
    public uint stx_uid;
    public uint stx_gid;
    public ushort stx_mode;
    public ushort __statx_pad1;
    public ulong stx_ino;
    public ulong stx_size;
    public ulong stx_blocks;
    public ulong stx_attributes_mask;
    public statx_timestamp stx_atime;
    public statx_timestamp stx_btime;
    public statx_timestamp stx_ctime;
    public statx_timestamp stx_mtime;
    public uint stx_rdev_major;
    public uint stx_rdev_minor;
    public uint stx_dev_major;
    public uint stx_dev_minor;
    public fixed ulong __statx_pad2[14];
}

[StructLayout(LayoutKind.Sequential)]
public struct flock
{
    public short l_type;
    public short l_whence;
    public long l_start;
    public long l_len;
    public int l_pid;
}

public static unsafe partial class Libc
{
    // fcntl.h
    public const int AT_FDCWD = -100;
    public const int AT_SYMLINK_NOFOLLOW = 0x100;
    public const int AT_EMPTY_PATH = 0x1000;
    public const int O_ACCMODE = 3;
    public const int O_TRUNC = 0x200;
    public const int O_APPEND = 0x400;
    public const int O_DIRECTORY = 0x10000;
    public const int O_PATH = 0x200000;
    public const int F_OFD_SETLK = 37;
    public const short F_RDLCK = 0;
    public const short F_WRLCK = 1;

    // sys/stat.h
    public const uint S_IFMT = 0xf000;
    public const uint S_IFREG = 0x8000;
    public const uint S_IFDIR = 0x4000;
    public const uint S_IFLNK = 0xa000;

    // sys/mman.h
    public const uint MFD_CLOEXEC = 1;

    // linux/falloc.h
    public const int FALLOC_FL_KEEP_SIZE = 1;
    public const int FALLOC_FL_PUNCH_HOLE = 2;
    public const int FALLOC_FL_ZERO_RANGE = 0x10;

    // unistd.h
    /// <summary>access(2): may it be run?</summary>
    public const uint X_OK = 1;

    public const int SEEK_SET = 0;
    public const int SEEK_CUR = 1;
    public const int SEEK_DATA = 3;

    // sys/mount.h
    public const ulong MS_BIND = 4096;
    public const ulong MS_REC = 16384;
    public const ulong MS_PRIVATE = 1 << 18;
    public const ulong MS_RDONLY = 1;

    /// <summary>fstatat(2).</summary>
    public static Errno Stat(int folder, string path, int flags, out stat result)
    {
        stat found;
        bool failed = fstatat(folder, path, &found, flags) < 0;
        result = found;
        return failed ? LastErrno : Errno.None;
    }

    /// <summary>statx(2).</summary>
    /// <param name="mask">STATX_ bits: which fields are wanted.</param>
    public static Errno StatX(int folder, string path, int flags, uint mask, out statx result)
    {
        statx found;
        bool failed = statx_at(folder, path, flags, mask, &found) < 0;
        result = found;
        return failed ? LastErrno : Errno.None;
    }

    /// <summary>memfd_create(2): a file without a name that holds these bytes, its position at their start.</summary>
    public static Errno MakeMemoryFile(string name, ReadOnlySpan<byte> contents, out int fd)
    {
        fd = memfd_create(name, MFD_CLOEXEC);
        if (fd < 0)
            return LastErrno;
        for (int done = 0; done < contents.Length;)
        {
            var result = Write(fd, contents[done..]);
            if (result.Errno is not (Errno.None or Errno.EINTR))
            {
                Close(fd);
                return result.Errno;
            }
            done += result.Count;
        }
        _ = lseek(fd, 0, SEEK_SET);
        return Errno.None;
    }

    /// <summary>fcntl(2) with F_OFD_SETLK: locks a byte for this open file; EAGAIN when another has it.</summary>
    public static Errno LockByte(int fd, long offset, bool exclusive)
    {
        var range = new flock { l_type = exclusive ? F_WRLCK : F_RDLCK, l_whence = SEEK_SET, l_start = offset, l_len = 1 };
        return fcntl(fd, F_OFD_SETLK, &range) < 0 ? LastErrno : Errno.None;
    }

    public static Errno ReadLink(int folder, string path, out string target)
    {
        byte* buffer = stackalloc byte[4096];
        nint count = readlinkat(folder, path, buffer, 4096);
        target = count < 0 ? "" : Encoding.UTF8.GetString(buffer, (int)count);
        return count < 0 ? LastErrno : Errno.None;
    }

    public static Errno OpenAt(int folder, string path, int flags, out int fd)
    {
        fd = openat(folder, path, flags, 0);
        return fd < 0 ? LastErrno : Errno.None;
    }

    public static Errno Fallocate(int fd, int mode, ulong offset, ulong length) =>
        fallocate(fd, mode, unchecked((long)offset), unchecked((long)length)) < 0 ? LastErrno : Errno.None;

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int fstatat(int folder, string path, stat* result, int flags);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint readlinkat(int folder, string path, byte* buffer, nuint size);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int openat(int folder, string path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx_at(int folder, string path, int flags, uint mask, statx* result);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int fcntl(int fd, int command, flock* argument);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int fallocate(int fd, int mode, long offset, long length);
}
