using DmSim.Kernel.Interop;

namespace DmSim.Kernel.Local;

/// <summary>
/// A copy of an ioctl's buffer that ends exactly where readable memory ends. The kernel goes by the data_size in the header, not by
/// the buffer that we have: where it reads or writes past our end it gets EFAULT instead of our heap.
/// </summary>
internal readonly unsafe ref struct GuardedBuffer : IDisposable
{
    private const nuint KeptBytes = 64 << 10;

    /// <summary>Mapping and unmapping is dear; each thread keeps one area for the sizes that are common.</summary>
    [ThreadStatic]
    private static byte* t_kept;

    private readonly byte* _area;
    private readonly nuint _areaBytes;
    private readonly int _length;

    private GuardedBuffer(byte* area, nuint areaBytes, int length)
    {
        _area = area;
        _areaBytes = areaBytes;
        _length = length;
    }

    public byte* Start => _area + _areaBytes - (nuint)_length;

    public static GuardedBuffer Holding(ReadOnlySpan<byte> contents)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        nuint bytes = ((nuint)contents.Length + page) / page * page;
        byte* area;
        if (bytes > KeptBytes)
        {
            area = Libc.MapGuarded(bytes);
        }
        else
        {
            bytes = KeptBytes;
            area = t_kept == null ? Libc.MapGuarded(KeptBytes) : t_kept;
            t_kept = null;
        }
        var buffer = new GuardedBuffer(area, bytes, contents.Length);
        contents.CopyTo(new Span<byte>(buffer.Start, contents.Length));
        return buffer;
    }

    public void CopyTo(Span<byte> destination) => new ReadOnlySpan<byte>(Start, _length).CopyTo(destination);

    public void Dispose()
    {
        if (_areaBytes == KeptBytes && t_kept == null)
            t_kept = _area;
        else
            Libc.UnmapGuarded(_area, _areaBytes);
    }
}
