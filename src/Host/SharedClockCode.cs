using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>
/// The functions that the kernel puts into every program to read the clock without a system call (vdso(7)). Nobody hears of such a reading,
/// so in virtual time a program gets functions that do the system call, in its own copy of the page.
/// </summary>
internal static class SharedClockCode
{
    /// <summary>Functions begin at multiples of it (-falign-functions and the kernel's default), so that as many bytes are theirs.</summary>
    private const int Alignment = 16;

    private static readonly (string Name, int Call)[] Functions =
        [("__vdso_clock_gettime", Libc.SYS_clock_gettime), ("__vdso_gettimeofday", Libc.SYS_gettimeofday), ("__vdso_time", Libc.SYS_time)];

    /// <summary>Where in the page each function begins, by our own copy: the host has one for all 64-bit programs.</summary>
    private static readonly Lazy<IReadOnlyList<(int Offset, byte[] Code)>> Patches = new(() =>
    {
        ulong image = ImageOf("self");
        return image == 0 ? [] : [.. Find(image).Select(found => (found.Offset, Code(found.Call)))];
    });

    /// <summary>mov eax, N; syscall; ret. The arguments are where the system call wants them.</summary>
    private static byte[] Code(int call) => [0xb8, (byte)call, (byte)(call >> 8), 0, 0, 0x0f, 0x05, 0xc3];

    /// <summary>Looks at our own copy. To be called while /proc is the supervisor's.</summary>
    public static void Prepare() => _ = Patches.Value;

    /// <summary>Changes the copy of a program that has just begun. Where that cannot be done it sees the host's time.</summary>
    public static void Redirect(uint process)
    {
        if (Patches.Value.Count == 0 || ImageOf(process.ToString(System.Globalization.CultureInfo.InvariantCulture)) is not (> 0 and var image)
            || Libc.OpenAt(Processes.Proc, $"{process}/mem", Libc.O_RDWR | Libc.O_CLOEXEC, out int memory) != Errno.None)
            return;
        foreach (var (offset, code) in Patches.Value)
            Write(memory, code, image + (ulong)offset);
        Libc.Close(memory);
    }

    private static unsafe void Write(int memory, byte[] code, ulong address)
    {
        fixed (byte* bytes = code)
            _ = Libc.PositionalWrite(memory, bytes, code.Length, address);
    }

    /// <summary>Where a process has the code; 0 when it has none, or is gone.</summary>
    private static ulong ImageOf(string process)
    {
        // AT_SYSINFO_EHDR, include/uapi/linux/auxvec.h
        const ulong sharedCode = 33;
        if (Libc.OpenAt(Processes.Proc, $"{process}/auxv", Libc.O_RDONLY | Libc.O_CLOEXEC, out int file) != Errno.None)
            return 0;
        Span<ulong> pairs = stackalloc ulong[128];
        int count = Libc.Read(file, MemoryMarshal.AsBytes(pairs)).Count / (2 * sizeof(ulong));
        Libc.Close(file);
        for (int i = 0; i < count; i++)
            if (pairs[2 * i] == sharedCode)
                return pairs[2 * i + 1];
        return 0;
    }

    /// <summary>The functions in the image's table of dynamic symbols (elf(5)), which lies in memory with all of the file.</summary>
    private static unsafe List<(int Offset, int Call)> Find(ulong image)
    {
        const int headerBytes = 64, sectionBytes = 64, symbolBytes = 24, dynamicSymbols = 11, maxBytes = 1 << 16;
        var header = new ReadOnlySpan<byte>((void*)image, headerBytes);
        long sections = BinaryPrimitives.ReadInt64LittleEndian(header[0x28..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(header[0x3c..]);
        var found = new List<(int, int)>();
        if (sections <= 0 || sections + count * sectionBytes > maxBytes)
            return found;
        var table = new ReadOnlySpan<byte>((void*)(image + (ulong)sections), count * sectionBytes);
        for (int i = 0; i < count; i++)
        {
            var section = table.Slice(i * sectionBytes, sectionBytes);
            if (BinaryPrimitives.ReadInt32LittleEndian(section[4..]) != dynamicSymbols)
                continue;
            var names = table.Slice(BinaryPrimitives.ReadInt32LittleEndian(section[0x28..]) * sectionBytes, sectionBytes);
            byte* strings = (byte*)image + BinaryPrimitives.ReadInt64LittleEndian(names[0x18..]);
            var symbols = new ReadOnlySpan<byte>((byte*)image + BinaryPrimitives.ReadInt64LittleEndian(section[0x18..]), BinaryPrimitives.ReadInt32LittleEndian(section[0x20..]));
            for (; symbols.Length >= symbolBytes; symbols = symbols[symbolBytes..])
            {
                string name = Encoding.ASCII.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(strings + BinaryPrimitives.ReadInt32LittleEndian(symbols)));
                long offset = BinaryPrimitives.ReadInt64LittleEndian(symbols[8..]);
                foreach (var (function, call) in Functions)
                    if (name == function && offset is > 0 and < maxBytes && offset % Alignment == 0)
                        found.Add(((int)offset, call));
            }
        }
        return found;
    }
}
