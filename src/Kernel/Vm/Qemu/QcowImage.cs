using System.Buffers.Binary;

namespace DmSim.Kernel.Vm;

/// <summary>
/// Writes an empty qcow2 disk (version 3, docs/interop/qcow2.txt in QEMU): the place where savevm puts the machine's state.
/// </summary>
internal static class QcowImage
{
    public const int ClusterBytes = 1 << ClusterBits;
    private const int ClusterBits = 16;
    private const int HeaderBytes = 104;

    // Header, refcount table, refcount block, L1 table, one cluster each. The disk itself has no data.
    private const int Clusters = 4;

    /// <param name="virtualBytes">Size that a guest would see; a multiple of 512, at most what one L1 entry covers (512 MiB).</param>
    public static void Write(Stream stream, long virtualBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(virtualBytes % 512, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(virtualBytes, (long)ClusterBytes / 8 * ClusterBytes);
        byte[] image = new byte[Clusters * ClusterBytes];
        WriteHeader(image, virtualBytes);
        // Refcount table: one entry, the block in cluster 2. Refcount block: 16-bit counts, one reference to each cluster.
        BinaryPrimitives.WriteUInt64BigEndian(image.AsSpan(ClusterBytes), 2 * ClusterBytes);
        for (int cluster = 0; cluster < Clusters; cluster++)
            BinaryPrimitives.WriteUInt16BigEndian(image.AsSpan(2 * ClusterBytes + 2 * cluster), 1);
        stream.Write(image);
    }

    private static void WriteHeader(Span<byte> header, long virtualBytes)
    {
        "QFI"u8.CopyTo(header);
        header[3] = 0xfb;
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], 3);
        BinaryPrimitives.WriteUInt32BigEndian(header[20..], ClusterBits);
        BinaryPrimitives.WriteInt64BigEndian(header[24..], virtualBytes);
        BinaryPrimitives.WriteUInt32BigEndian(header[36..], 1);
        BinaryPrimitives.WriteUInt64BigEndian(header[40..], 3 * ClusterBytes);
        BinaryPrimitives.WriteUInt64BigEndian(header[48..], ClusterBytes);
        BinaryPrimitives.WriteUInt32BigEndian(header[56..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(header[96..], 4);
        BinaryPrimitives.WriteUInt32BigEndian(header[100..], HeaderBytes);
    }
}
