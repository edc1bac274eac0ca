using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DmSim.Model.PersistentData;

/// <summary>
/// Numbers and runs of bytes inside a metadata block. Offsets come from disk: a kernel that follows a damaged one reads or writes
/// memory past the block; here such a read gives zero and such a write does nothing.
/// </summary>
internal static class LittleEndian
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsInside(byte[] block, long offset, int length) => offset >= 0 && offset <= unchecked(block.Length - length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ReadU64(byte[] block, long offset)
    {
        if (!IsInside(block, offset, sizeof(ulong)))
            return 0;
        ulong raw = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(block), (nint)offset));
        return BitConverter.IsLittleEndian ? raw : BinaryPrimitives.ReverseEndianness(raw);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ReadU32(byte[] block, long offset)
    {
        if (!IsInside(block, offset, sizeof(uint)))
            return 0;
        uint raw = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(block), (nint)offset));
        return BitConverter.IsLittleEndian ? raw : BinaryPrimitives.ReverseEndianness(raw);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteU64(byte[] block, long offset, ulong value)
    {
        if (!IsInside(block, offset, sizeof(ulong)))
            return;
        ulong raw = BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(block), (nint)offset), raw);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteU32(byte[] block, long offset, uint value)
    {
        if (!IsInside(block, offset, sizeof(uint)))
            return;
        uint raw = BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(block), (nint)offset), raw);
    }

    /// <summary>memmove between blocks, or within one; what lies outside either block is left out.</summary>
    public static void Move(byte[] from, long fromOffset, byte[] to, long toOffset, long length)
    {
        if (fromOffset < 0 || toOffset < 0 || fromOffset >= from.Length || toOffset >= to.Length)
            return;
        long room = Math.Min(from.Length - fromOffset, to.Length - toOffset);
        int count = (int)Math.Clamp(length, 0, room);
        from.AsSpan((int)fromOffset, count).CopyTo(to.AsSpan((int)toOffset, count));
    }

    /// <summary>Copies out of a block as much as it has.</summary>
    public static void Read(byte[] block, long offset, Span<byte> destination)
    {
        int available = offset < 0 || offset >= block.Length ? 0 : (int)Math.Min(destination.Length, block.Length - offset);
        if (available > 0)
            block.AsSpan((int)offset, available).CopyTo(destination);
        destination[available..].Clear();
    }

    /// <summary>Copies into a block as much as fits.</summary>
    public static void Write(byte[] block, long offset, ReadOnlySpan<byte> source)
    {
        if (offset < 0 || offset >= block.Length)
            return;
        int count = (int)Math.Min(source.Length, block.Length - offset);
        source[..count].CopyTo(block.AsSpan((int)offset, count));
    }
}
