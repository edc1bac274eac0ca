using System.Runtime.InteropServices;
using DmSim.Abi;

namespace DmSim.Kernel.Interop;

public static unsafe partial class Libc
{
    /// <summary>Fresh zeroed pages, followed by one that nobody may touch. Lack of memory is an exception.</summary>
    public static byte* MapGuarded(nuint bytes)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        byte* start = mmap(null, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (start == unchecked((byte*)-1) || mprotect(start + bytes, page, PROT_NONE) < 0)
            throw new InsufficientMemoryException($"mmap of {bytes} bytes failed: {LastErrno}");
        return start;
    }

    /// <summary>madvise(2).</summary>
    public static Errno Advise(byte* start, nuint bytes, int advice) => madvise(start, bytes, advice) < 0 ? LastErrno : Errno.None;

    public static void UnmapGuarded(byte* start, nuint bytes) => _ = munmap(start, bytes + (nuint)Environment.SystemPageSize);

    [LibraryImport(Library, SetLastError = true)]
    private static partial byte* mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int mprotect(void* address, nuint length, int protection);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int madvise(void* address, nuint length, int advice);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int munmap(void* address, nuint length);
}
