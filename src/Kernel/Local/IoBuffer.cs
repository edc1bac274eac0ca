using System.Buffers;
using System.Runtime.InteropServices;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Kernel.Local;

/// <summary>
/// Memory for direct I/O, used again and again: page-aligned (block/fops.c, blkdev_dio_unaligned, 6.1), there from the start, and of
/// pages of which no two that follow each other do so in the machine's memory. A request then has as many segments as pages
/// (bio_iov_iter_get_pages, block/bio.c; blk_rq_nr_phys_segments), whatever the allocator had to give: log lines tell that number.
/// </summary>
internal sealed unsafe class IoBuffer : MemoryManager<byte>
{
    private const int PageBytes = 4096;

    /// <summary>Most writes are small; a look at a device takes 1 MiB at a time.</summary>
    private static readonly int[] Sizes = [64 << 10, 1 << 20];

    private static readonly Stack<IoBuffer>[] Idle = [.. Sizes.Select(_ => new Stack<IoBuffer>())];

    private readonly byte* _start;
    private readonly int _length;

    private IoBuffer(int length)
    {
        _length = length;
        _start = Libc.MapGuarded((nuint)length);
        _ = Libc.Advise(_start, (nuint)length, Libc.MADV_NOHUGEPAGE);
        ScatteredPages.Fill(_start, length / PageBytes);
    }

    /// <summary>Makes buffers ahead.</summary>
    public static void Prepare(int small, int large)
    {
        var made = Enumerable.Repeat(Sizes[0], small).Concat(Enumerable.Repeat(Sizes[1], large)).Select(Rent).ToList();
        foreach (IDisposable buffer in made)
            buffer.Dispose();
    }

    /// <summary>One of at least so many bytes; disposing it gives it back.</summary>
    public static IoBuffer Rent(int bytes)
    {
        int kind = KindOf(bytes);
        if (kind == Sizes.Length)
            return new IoBuffer(checked((bytes + PageBytes - 1) / PageBytes * PageBytes));
        lock (Idle)
            return Idle[kind].TryPop(out var buffer) ? buffer : new IoBuffer(Sizes[kind]);
    }

    /// <summary>Memory that can stand for <paramref name="data"/> in direct I/O: itself when it is such (then null is answered), or a new buffer.</summary>
    public static IoBuffer? For(int bytes, ReadOnlyMemory<byte> data, out byte* start)
    {
        if (MemoryMarshal.TryGetMemoryManager(data, out IoBuffer? own, out int offset, out _) && offset % PageBytes == 0)
        {
            start = own._start + offset;
            return null;
        }
        var buffer = Rent(bytes);
        start = buffer._start;
        return buffer;
    }

    private static int KindOf(int bytes)
    {
        int kind = 0;
        while (kind < Sizes.Length && Sizes[kind] < bytes)
            kind++;
        return kind;
    }

    public override Span<byte> GetSpan() => new(_start, _length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        int kind = Array.IndexOf(Sizes, _length);
        if (kind < 0)
        {
            Libc.UnmapGuarded(_start, (nuint)_length);
            return;
        }
        lock (Idle)
            Idle[kind].Push(this);
    }
}

/// <summary>Pages that lie apart from each other.</summary>
internal static unsafe class ScatteredPages
{
    private const int PageBytes = 4096;

    /// <summary>Enough for any run of free pages to come to its end.</summary>
    private const int MostRounds = 64;

    /// <summary>Bits of an entry of /proc/self/pagemap (Documentation/admin-guide/mm/pagemap.rst): the page frame's number.</summary>
    private const ulong FrameMask = (1UL << 55) - 1;

    /// <summary>
    /// Gives fresh pages to a mapping. A process that is not told where its pages are (it lacks CAP_SYS_ADMIN) takes them as they come.
    /// </summary>
    public static void Fill(byte* start, int count)
    {
        // The last first: the allocator mostly hands out rising addresses, and falling ones never continue each other.
        for (int i = count - 1; i >= 0; i--)
            start[(nint)i * PageBytes] = 0;
        if (Libc.Open("/proc/self/pagemap", Libc.O_RDONLY | Libc.O_CLOEXEC, 0, out int map) != Errno.None)
            return;
        byte* spares = Libc.MapGuarded(MostRounds * PageBytes);
        ulong[] frames = new ulong[count];
        for (int round = 0; round < MostRounds && Read(map, start, frames); round++)
        {
            int next = FirstContinued(frames);
            if (next < 0)
                break;
            // What is given up is what the allocator hands out next: the spare takes it, and the page gets another.
            byte* page = start + ((nint)next * PageBytes);
            _ = Libc.Advise(page, PageBytes, Libc.MADV_DONTNEED);
            spares[(nint)round * PageBytes] = 0;
            *page = 0;
        }
        Libc.UnmapGuarded(spares, MostRounds * PageBytes);
        Libc.Close(map);
    }

    private static bool Read(int map, byte* start, ulong[] frames)
    {
        fixed (ulong* entries = frames)
            return Libc.PositionalRead(map, (byte*)entries, frames.Length * sizeof(ulong), (ulong)start / PageBytes * sizeof(ulong)).Errno == Errno.None;
    }

    /// <summary>The first page that lies right behind the one before it; -1 when there is none, or when frames have no numbers.</summary>
    internal static int FirstContinued(ReadOnlySpan<ulong> entries)
    {
        for (int i = 1; i < entries.Length; i++)
        {
            ulong before = entries[i - 1] & FrameMask;
            if (before != 0 && (entries[i] & FrameMask) == before + 1)
                return i;
        }
        return -1;
    }
}
