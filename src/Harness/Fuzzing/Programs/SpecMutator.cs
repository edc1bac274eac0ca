using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Harness.Fuzzing.Grammar;
using DmSim.Harness.Generators;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Fuzzing.Programs;

/// <summary>Damages the binary form of a table: where specs lie, how many there are, where texts end (populate_table, next_target, drivers/md/dm-ioctl.c, 6.1).</summary>
internal sealed class SpecMutator(Choices choices)
{
    private readonly FuzzWords _words = new(choices);

    /// <summary>A load of these lines with one to three fields of its bytes changed.</summary>
    public Operation.RawIoctl Mutate(IReadOnlyList<TableLine> lines)
    {
        var request = DmRequest.Load(Ground.NameOf(Ground.Subject), lines);
        byte[] bytes = request.Buffer;
        for (int left = 1 + choices.Below(3); left > 0; left--)
            Mutate(ref bytes, lines.Count);
        return new Operation.RawIoctl(request.Number, ValueList.From(bytes));
    }

    private void Mutate(ref byte[] bytes, int lines)
    {
        if (bytes.Length < DmIoctl.Size + DmTargetSpec.Size)
        {
            // An earlier change has left less than a spec.
            Put32(bytes, DmIoctl.TargetCountOffset, 1);
            return;
        }
        switch (choices.Below(8))
        {
            case 0:
                Put32(bytes, DmIoctl.TargetCountOffset, choices.Pick(0u, (uint)lines + 1, (uint)lines - 1, 100, uint.MaxValue));
                break;
            case 1:
                Put32(bytes, DmIoctl.DataStartOffset, choices.Pick(0u, (uint)bytes.Length, (uint)bytes.Length - 8, DmIoctl.Size - 8, DmIoctl.Size + 8, uint.MaxValue));
                break;
            case 2:
                // The last terminator goes, and maybe all there are.
                bytes.AsSpan(choices.Between(DmIoctl.Size, bytes.Length)..).Fill((byte)choices.Pick('0', ' ', 'x'));
                break;
            case 3:
                Resize(ref bytes);
                break;
            case 4:
                PutNext(bytes, choices.Pick(0u, 1, 39, 40, 41, 48, (uint)bytes.Length - DmIoctl.Size, (uint)bytes.Length, uint.MaxValue, 1u << 31));
                break;
            case 5:
                Put64(bytes, DmIoctl.Size + choices.Pick(DmTargetSpec.SectorStartOffset, DmTargetSpec.LengthOffset), _words.Edge());
                break;
            case 6:
                // A type that fills its field, with nothing to end it.
                bytes.AsSpan(DmIoctl.Size + DmTargetSpec.TargetTypeOffset, DmIoctl.DM_MAX_TYPE_NAME).Fill((byte)'l');
                break;
            default:
                bytes[choices.Between(DmIoctl.Size, bytes.Length - 1)] = (byte)choices.Below(256);
                break;
        }
    }

    private void Resize(ref byte[] bytes)
    {
        int length = choices.Percent(50) ? choices.Between(DmIoctl.Size, bytes.Length) : choices.Pick(bytes.Length + 8, 4096, 20000, 70000);
        int old = bytes.Length;
        Array.Resize(ref bytes, length);
        // Words without an end, as many as fit.
        if (length > old && choices.Percent(60))
            bytes.AsSpan(Math.Max(old - 8, 0)..^1).Fill((byte)choices.Pick('0', ' ', '7'));
        Put32(bytes, DmIoctl.DataSizeOffset, (uint)length);
    }

    private static void PutNext(byte[] bytes, uint value) => Put32(bytes, DmIoctl.Size + DmTargetSpec.NextOffset, value);

    private static void Put32(byte[] bytes, int offset, uint value)
    {
        if (offset + sizeof(uint) <= bytes.Length)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);
    }

    private static void Put64(byte[] bytes, int offset, ulong value)
    {
        if (offset + sizeof(ulong) <= bytes.Length)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(offset), value);
    }
}
