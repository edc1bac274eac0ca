using System.Buffers.Binary;

namespace DmSim.Model.Thin;

/// <summary>What the details tree holds for a device: struct disk_device_details.</summary>
/// <param name="MappedBlocks">How many blocks it has.</param>
/// <param name="TransactionId">The pool's transaction id when it was made.</param>
/// <param name="CreationTime">The pool's time then.</param>
/// <param name="SnapshottedTime">The pool's time when it was last the origin of a snapshot, or became one.</param>
internal readonly record struct DeviceDetails(ulong MappedBlocks, ulong TransactionId, uint CreationTime, uint SnapshottedTime)
{
    public const int Bytes = 24;

    public static DeviceDetails Read(ReadOnlySpan<byte> data) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(data),
        BinaryPrimitives.ReadUInt64LittleEndian(data[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(data[16..]),
        BinaryPrimitives.ReadUInt32LittleEndian(data[20..]));

    public void Write(Span<byte> data)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(data, MappedBlocks);
        BinaryPrimitives.WriteUInt64LittleEndian(data[8..], TransactionId);
        BinaryPrimitives.WriteUInt32LittleEndian(data[16..], CreationTime);
        BinaryPrimitives.WriteUInt32LittleEndian(data[20..], SnapshottedTime);
    }
}
