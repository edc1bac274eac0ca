using System.Runtime.InteropServices;
using DmSim.Abi;

namespace DmSim.Kernel.Interop;

/// <summary>
/// Every native call of the tree. Names and numbers are those of the C headers on x86-64; the tests have a C compiler check
/// them. The methods that answer an <see cref="Errno"/> hide the -1-and-errno convention, nothing else.
/// </summary>
public static unsafe partial class Libc
{
    private const string Library = "libc";

    /// <summary>errno of the last call on this thread.</summary>
    public static Errno LastErrno => (Errno)Marshal.GetLastPInvokeError();

    public static Errno Open(string path, int flags, uint mode, out int fd)
    {
        fd = open(path, flags, mode);
        return fd < 0 ? LastErrno : Errno.None;
    }

    public static void Close(int fd) => _ = close(fd);

    public static Errno Ioctl(int fd, uint request, void* argument) =>
        ioctl(fd, request, argument) < 0 ? LastErrno : Errno.None;

    public static Errno Ioctl(int fd, uint request, nint argument) =>
        ioctl(fd, request, (void*)argument) < 0 ? LastErrno : Errno.None;

    public static IoResult Read(int fd, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
            return Moved(read(fd, p, (nuint)buffer.Length));
    }

    public static IoResult Write(int fd, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* p = buffer)
            return Moved(write(fd, p, (nuint)buffer.Length));
    }

    public static IoResult PositionalRead(int fd, byte* buffer, int count, ulong offset) =>
        Moved(pread(fd, buffer, (nuint)count, unchecked((long)offset)));

    public static IoResult PositionalWrite(int fd, byte* buffer, int count, ulong offset) =>
        Moved(pwrite(fd, buffer, (nuint)count, unchecked((long)offset)));

    public static Errno Fsync(int fd) => fsync(fd) < 0 ? LastErrno : Errno.None;

    public static Errno Truncate(int fd, ulong size) => ftruncate(fd, unchecked((long)size)) < 0 ? LastErrno : Errno.None;

    public static Errno MakeNode(string path, uint mode, DeviceNumber device) =>
        mknod(path, mode, device.Encode()) < 0 ? LastErrno : Errno.None;

    public static Errno Mount(string source, string target, string type, ulong flags, string? data) =>
        mount(source, target, type, (nuint)flags, data) < 0 ? LastErrno : Errno.None;

    /// <summary>finit_module(2), for which glibc has no function.</summary>
    public static Errno LoadModule(int fd, string parameters, int flags)
    {
        nint words = Marshal.StringToCoTaskMemUTF8(parameters);
        try
        {
            return syscall(SYS_finit_module, fd, words, flags) < 0 ? LastErrno : Errno.None;
        }
        finally
        {
            Marshal.FreeCoTaskMem(words);
        }
    }

    /// <summary>Whether the descriptor has one of the events now.</summary>
    public static bool Poll(int fd, short events, int timeoutMilliseconds)
    {
        var descriptor = new pollfd { fd = fd, events = events };
        return poll(&descriptor, 1, timeoutMilliseconds) > 0 && (descriptor.revents & events) != 0;
    }

    public static TimeSpan MonotonicNow() => Now(CLOCK_MONOTONIC).ToTimeSpan();

    public static timespec RealTimeNow() => Now(CLOCK_REALTIME);

    /// <summary>What file systems stamp files with: CLOCK_REALTIME as of the last tick.</summary>
    public static timespec CoarseNow() => Now(CLOCK_REALTIME_COARSE);

    private static timespec Now(int clock)
    {
        timespec now;
        _ = clock_gettime(clock, &now);
        return now;
    }

    /// <summary>Sleeps until an instant of CLOCK_MONOTONIC.</summary>
    public static void SleepUntil(TimeSpan instant)
    {
        var until = timespec.From(instant);
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, null) == (int)Errno.EINTR)
        {
        }
    }

    /// <summary>Moves the file position to the end; on /dev/kmsg, past every line there is.</summary>
    public static Errno SeekToEnd(int fd) => lseek(fd, 0, SEEK_END) < 0 ? LastErrno : Errno.None;

    /// <summary>
    /// Where a file's next part that is no hole lies, at or after an offset: from <paramref name="start"/> to before
    /// <paramref name="end"/>. ENXIO when there is none.
    /// </summary>
    public static Errno NextData(int fd, ulong offset, out ulong start, out ulong end)
    {
        long data = lseek(fd, unchecked((long)offset), SEEK_DATA);
        long hole = data < 0 ? -1 : lseek(fd, data, SEEK_HOLE);
        start = unchecked((ulong)data);
        end = unchecked((ulong)hole);
        return hole < 0 ? LastErrno : Errno.None;
    }

    private static IoResult Moved(nint count) => count < 0 ? IoResult.Failed(LastErrno) : IoResult.Ok((int)count);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int close(int fd);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int ioctl(int fd, nuint request, void* argument);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint read(int fd, byte* buffer, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint pread(int fd, byte* buffer, nuint count, long offset);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint pwrite(int fd, byte* buffer, nuint count, long offset);

    [LibraryImport(Library, SetLastError = true)]
    private static partial long lseek(int fd, long offset, int whence);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int fsync(int fd);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int ftruncate(int fd, long length);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mknod(string path, uint mode, ulong device);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, nuint flags, string? data);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second, nint third);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int poll(pollfd* descriptors, nuint count, int timeout);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int clock_gettime(int clock, timespec* time);

    /// <summary>Answers the error itself, not through errno.</summary>
    [LibraryImport(Library)]
    private static partial int clock_nanosleep(int clock, int flags, timespec* request, timespec* remaining);
}
