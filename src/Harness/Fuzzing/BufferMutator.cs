using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Harness.Generators;

namespace DmSim.Harness.Fuzzing;

/// <summary>An ioctl as it is sent: the whole request number, and what lies in memory at its argument.</summary>
public readonly record struct FuzzBuffer(uint Request, byte[] Bytes);

/// <summary>
/// Makes ioctls that nobody's library would send: a well-formed request with some of its fields, strings, offsets or bytes changed, and now
/// and then plain noise. The same choices give the same buffers.
/// </summary>
internal sealed class BufferMutator(Choices choices)
{
    /// <summary>Of a hundred requests, so many stay as they were built: without them no state would come about.</summary>
    private const int UntouchedPercent = 45;

    private const int NoisePercent = 3;

    private readonly FuzzRequests _requests = new(choices);
    private readonly FuzzWords _words = new(choices);

    public FuzzBuffer Next()
    {
        if (choices.Percent(NoisePercent))
            return Noise();
        var built = _requests.Draw();
        uint request = built.Number;
        byte[] bytes = built.Buffer;
        if (choices.Percent(UntouchedPercent))
            return new FuzzBuffer(request, bytes);
        for (int left = 1 + choices.Below(3); left > 0; left--)
            Mutate(ref request, ref bytes);
        return new FuzzBuffer(request, bytes);
    }

    private FuzzBuffer Noise()
    {
        byte[] bytes = new byte[choices.Below(choices.Pick(16, DmIoctl.Size + 8, 2048))];
        Pattern.Fill(bytes, choices.Next());
        if (choices.Percent(70) && bytes.Length >= DmIoctl.DataSizeOffset + 4)
        {
            // Let it past the checks of version and size, or nothing else would ever be reached.
            new byte[] { 4, 0, 0, 0, 0, 0, 0, 0 }.CopyTo(bytes, 0);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(DmIoctl.DataSizeOffset), (uint)bytes.Length);
        }
        return new FuzzBuffer(RequestNumber(), bytes);
    }

    private uint RequestNumber() => choices.Below(4) switch
    {
        0 => unchecked((uint)choices.Next()),
        1 => ((DmCommand)choices.Below(256)).Request(),
        _ => ((DmCommand)choices.Below(20)).Request(),
    };

    private void Mutate(ref uint request, ref byte[] bytes)
    {
        switch (choices.Below(16))
        {
            case 0:
                request = RequestNumber();
                break;
            case < 5:
                MutateField(bytes);
                break;
            case 5:
                Resize(ref bytes);
                break;
            case 6 or 7:
                MutateString(bytes);
                break;
            case 8 or 9:
                MutateSpecs(bytes);
                break;
            case 10 or 11:
                FlipBytes(bytes);
                break;
            case 12:
                SetFlags(bytes);
                break;
            case 13:
                // Nothing behind the header ends any more.
                if (bytes.Length > DmIoctl.DataOffset)
                    bytes.AsSpan(choices.Between(DmIoctl.DataOffset, bytes.Length)..).Fill((byte)'x');
                break;
            default:
                Overwrite(bytes, choices.Below(bytes.Length + 1), unchecked((uint)_words.Edge()));
                break;
        }
    }

    /// <summary>A number of the header becomes another one: 12 fields of 32 bits, the 11th and 12th being the device.</summary>
    private void MutateField(byte[] bytes)
    {
        const int fields = 12;
        int offset = 4 * choices.Below(fields);
        uint value = choices.Below(4) switch
        {
            0 => unchecked((uint)_words.Edge()),
            1 => (uint)choices.Below(bytes.Length + 8),
            2 => (uint)choices.Pick(DmIoctl.DataOffset - 1, DmIoctl.DataOffset, DmIoctl.Size - 1, DmIoctl.Size, bytes.Length, Math.Max(bytes.Length - 1, 0)),
            _ => (uint)choices.Below(8),
        };
        Overwrite(bytes, offset, value);
    }

    /// <summary>More or fewer bytes, with or without the header knowing.</summary>
    private void Resize(ref byte[] bytes)
    {
        Array.Resize(ref bytes, choices.Percent(70) ? choices.Below(bytes.Length + 64) : choices.Between(DmIoctl.VersionOffset, DmIoctl.Size + 8));
        if (choices.Percent(60))
            Overwrite(bytes, DmIoctl.DataSizeOffset, (uint)bytes.Length);
    }

    /// <summary>Name or uuid without an end, one too long, empty or both at once.</summary>
    private void MutateString(byte[] bytes)
    {
        if (bytes.Length < DmIoctl.Size)
            return;
        var header = new DmIoctl(bytes);
        var field = choices.Percent(50) ? header.NameField : header.UuidField;
        switch (choices.Below(4))
        {
            case 0:
                field.Fill((byte)choices.Pick('a', 'n', '/', '\xff'));
                break;
            case 1:
                field.Clear();
                break;
            case 2:
                DmText.Put(_words.Name(), field);
                break;
            default:
                field[^1] = (byte)choices.Below(256);
                break;
        }
    }

    /// <summary>One of the first target specs: where it starts, how long it is, where the next one is, its type.</summary>
    private void MutateSpecs(byte[] bytes)
    {
        int at = DmIoctl.Size;
        for (int skip = choices.Below(3); skip > 0 && at + DmTargetSpec.Size <= bytes.Length; skip--)
            at += (int)(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + DmTargetSpec.NextOffset)) % 512);
        if (at + DmTargetSpec.Size > bytes.Length)
            return;
        var spec = bytes.AsSpan(at, DmTargetSpec.Size);
        switch (choices.Below(5))
        {
            case 0:
                BinaryPrimitives.WriteUInt64LittleEndian(spec[DmTargetSpec.SectorStartOffset..], _words.Edge());
                break;
            case 1:
                BinaryPrimitives.WriteUInt64LittleEndian(spec[DmTargetSpec.LengthOffset..], _words.Edge());
                break;
            case 2:
                Overwrite(bytes, at + DmTargetSpec.NextOffset, unchecked((uint)_words.Edge()));
                break;
            case 3:
                Overwrite(bytes, at + DmTargetSpec.NextOffset, (uint)choices.Below(bytes.Length + 1));
                break;
            default:
                spec.Slice(DmTargetSpec.TargetTypeOffset, DmIoctl.DM_MAX_TYPE_NAME).Fill((byte)'t');
                break;
        }
    }

    private void FlipBytes(byte[] bytes)
    {
        for (int left = 1 + choices.Below(8); left > 0 && bytes.Length > 0; left--)
            bytes[choices.Below(bytes.Length)] = (byte)choices.Below(256);
    }

    private void SetFlags(byte[] bytes) => Overwrite(bytes, DmIoctl.FlagsOffset, unchecked((uint)choices.Next()));

    private static void Overwrite(byte[] bytes, int offset, uint value)
    {
        if (offset + sizeof(uint) <= bytes.Length)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);
    }
}
