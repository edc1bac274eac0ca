using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Generators.Rules;

/// <summary>Requests as bytes: what other rules draw, lowered, with fields of the header or the payload spoilt.</summary>
internal static class RawRules
{
    public static IReadOnlyList<Rule> All { get; } =
    [
        new("raw", _ => 3, scene => Sound(scene) is { } call ? new Operation.RawIoctl(call.Request, ValueList.Create<byte>(call.Buffer)) : null),
        new("raw-spoilt", _ => 20, scene => Spoilt(scene)) { IsWrong = true },
        new("raw-command", _ => 2, Command) { IsWrong = true },
    ];

    private static readonly Rule[] Sources =
        [.. LifeRules.All, .. WrongLifeRules.All, .. QueryRules.All.Where(r => r.Name != "wait-for-next"), .. TableRules.Sound, .. TableRules.Wrong];

    private static MachineCall.Control? Sound(Scene scene)
    {
        var rule = scene.Choices.AnyOf(Sources);
        if (rule.Weight(scene) == 0 || rule.Draw(scene) is not Operation.Control operation || Avoided.Find(operation, scene) is not null)
            return null;
        return OperationLowering.Lower(operation, scene.World, scene.Step).Call as MachineCall.Control;
    }

    private static Operation.RawIoctl? Spoilt(Scene scene)
    {
        if (Sound(scene) is not { } call)
            return null;
        uint request = call.Request;
        byte[] buffer = call.Buffer;
        for (int i = scene.Choices.Pick(1, 1, 1, 2, 3); i > 0; i--)
        {
            int what = scene.Choices.Below(10);
            if (what == 0)
                request = Other(scene.Choices, request);
            else if (what == 1)
                buffer = Resize(scene.Choices, buffer);
            else if (what <= 5 || buffer.Length == DmIoctl.Size)
                SpoilHeader(scene.Choices, buffer);
            else
                SpoilPayload(scene.Choices, buffer.AsSpan(DmIoctl.Size));
        }
        return new Operation.RawIoctl(request, ValueList.Create<byte>(buffer));
    }

    /// <summary>Another command, or bits of the request number that are no command.</summary>
    private static uint Other(Choices choices, uint request) => choices.Below(4) switch
    {
        0 => request ^ (choices.Pick(1u, 2, 4, 16) << 8),
        1 => request ^ (1u << 30),
        2 => request ^ (8u << 16),
        _ => (request & ~0xffu) | (uint)choices.Below(20),
    };

    private static Operation.RawIoctl Command(Scene scene)
    {
        byte[] buffer = DmRequest.Build(DmCommand.DM_VERSION, DmSelector.None, room: 64).Buffer;
        uint command = (uint)scene.Choices.Pick(0, 18, 19, 31, 32, 127, 128, 255);
        return new Operation.RawIoctl((DmCommand.DM_VERSION.Request() & ~0xffu) | command, ValueList.Create<byte>(buffer));
    }

    /// <summary>Cuts or lengthens the buffer; data_size follows, most of the time.</summary>
    private static byte[] Resize(Choices choices, byte[] buffer)
    {
        int length = choices.Pick(DmIoctl.Size, DmIoctl.Size + 1, DmIoctl.Size + 8, buffer.Length - 1, buffer.Length - 8, buffer.Length + 8, 2048);
        Array.Resize(ref buffer, Math.Max(DmIoctl.Size, length));
        if (choices.Percent(80))
            new DmIoctl(buffer).DataSize = (uint)buffer.Length;
        return buffer;
    }

    private static void SpoilHeader(Choices choices, byte[] buffer)
    {
        var header = new DmIoctl(buffer);
        uint size = (uint)buffer.Length;
        switch (choices.Below(12))
        {
            case 0:
                header.VersionMajor = choices.Pick(0u, 3, 5, uint.MaxValue);
                break;
            case 1:
                header.VersionMinor = choices.Pick(1u, 47, 48, 1000, uint.MaxValue);
                break;
            case 2:
                header.DataSize = choices.Pick(
                    0u, 1, DmIoctl.DataOffset - 1, DmIoctl.DataOffset, DmIoctl.DataOffset + 1, DmIoctl.Size - 1, DmIoctl.Size, size - 1,
                    DmRequest.MaxDataSize + 1, uint.MaxValue);
                break;
            case 3:
                header.DataStart = choices.Pick(0u, 8, 304, 305, 311, 313, 320, 336, size - 1, size, size + 8, 0x7fffffff, 0xfffffff8, uint.MaxValue);
                break;
            case 4:
                header.TargetCount = choices.Pick(0u, 1, 2, 3, 100, (1 << 20) + 1, 0x7fffffff, uint.MaxValue);
                break;
            case 5 or 6:
                header.Flags ^= (DmFlags)(1u << choices.Below(32));
                break;
            case 7:
                header.Flags = choices.Pick(DmFlags.None, (DmFlags)uint.MaxValue & ~DmFlags.DM_NOFLUSH_FLAG, (DmFlags)uint.MaxValue);
                break;
            case 8:
                header.Dev = choices.Pick(0UL, 1, ulong.MaxValue, 0xfe00, 0xfe01, 0x700, 1UL << 32);
                break;
            case 9:
                (choices.Percent(50) ? header.NameField : header.UuidField)[choices.Below(3)..].Fill((byte)'x');
                break;
            case 10:
                (choices.Percent(50) ? header.NameField : header.UuidField)[choices.Below(5)] = (byte)choices.Below(256);
                break;
            default:
                header.EventNr = choices.Pick(1u, uint.MaxValue);
                break;
        }
    }

    private static void SpoilPayload(Choices choices, Span<byte> payload)
    {
        // Of a long payload the beginning holds the structures.
        int near = Math.Min(payload.Length, 128);
        switch (choices.Below(5))
        {
            case 0:
                payload[choices.Below(near)] ^= (byte)(1 << choices.Below(8));
                break;
            case 1:
                payload[choices.Below(near)..].Fill((byte)choices.Pick('x', ' ', '\\', 0xff));
                break;
            case 2:
                payload[choices.Below(near)..].Clear();
                break;
            case 3 when payload.Length >= DmTargetSpec.Size:
                uint next = choices.Pick(0u, 1, 7, 8, 39, 40, 41, 48, (uint)payload.Length, (uint)payload.Length + 1, 0x7fffffff, 0xfffffff8);
                BinaryPrimitives.WriteUInt32LittleEndian(payload[20..], next);
                break;
            default:
                for (int i = choices.Between(1, 8); i > 0; i--)
                    payload[choices.Below(near)] = (byte)choices.Below(256);
                break;
        }
    }
}
