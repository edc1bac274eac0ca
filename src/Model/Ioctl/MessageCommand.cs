using DmSim.Abi;
using DmSim.Model.Devices;
using DmSim.Model.Machine;

namespace DmSim.Model.Ioctl;

/// <summary>DM_TARGET_MSG: words for the device itself ("@…") or for the target at a sector (drivers/md/dm-ioctl.c, 6.1).</summary>
internal sealed class MessageCommand(SimulatedKernel kernel, NameTable names)
{
    /// <summary>target_message.</summary>
    public Errno Send(ControlCall call)
    {
        // The kernel looks for the text where data_start points, but then sets data_start to where the answer will go.
        bool valid = call.TryGetPayloadString(DmTargetMsg.Size, out var text);
        ulong sector = valid ? call.GetPayloadU64() : 0;
        var result = call.TakeResultBuffer();
        if (names.Find(call) is not { } cell)
            return Errno.ENXIO;
        if (!valid)
            return Refuse("Invalid target message parameters.");
        string[] argv = ArgumentSplitter.Split(text);
        if (argv.Length == 0)
            return Refuse("Empty message received.");
        var errno = argv[0].StartsWith('@')
            ? SendToDevice(cell.Device, argv, result, out string? answer)
            : SendToTarget(cell.Device, sector, argv, out answer);
        if (errno != Errno.None)
            return errno;
        names.FillStatus(cell.Device, call);
        if (answer is not null)
            PutAnswer(answer, result, call);
        return Errno.None;
    }

    private Errno SendToTarget(MappedDevice device, ulong sector, string[] argv, out string? answer)
    {
        answer = null;
        if (device.LiveTable is not { } table)
            return Refuse("The device has no table.");
        if (table.FindTarget(sector) is not { } target)
            return Refuse("Target message sector outside device.");
        if (!target.HasMessage)
            return Refuse("Target type does not support messages");
        return target.Message(argv, out answer);
    }

    /// <summary>The text goes back if it and its zero byte fit with room to spare (dm_message_test_buffer_overflow).</summary>
    private static void PutAnswer(string answer, Span<byte> result, ControlCall call)
    {
        call.Flags |= DmFlags.DM_DATA_OUT_FLAG;
        if (answer.Length + 1 >= result.Length)
        {
            call.Flags |= DmFlags.DM_BUFFER_FULL_FLAG;
            return;
        }
        for (int i = 0; i < answer.Length; i++)
            result[i] = unchecked((byte)answer[i]);
        result[answer.Length] = 0;
        call.SetResultLength(answer.Length + 1);
    }

    /// <summary>message_for_md: what device-mapper itself understands, in any case.</summary>
    private Errno SendToDevice(MappedDevice device, string[] argv, ReadOnlySpan<byte> result, out string? answer)
    {
        answer = null;
        if (argv[0].Equals("@cancel_deferred_remove", StringComparison.OrdinalIgnoreCase))
            return argv.Length == 1
                ? device.CancelDeferredRemove()
                : Refuse("Invalid arguments for @cancel_deferred_remove");
        if (StatisticsMessages.TryAnswer(kernel, argv, result, out var errno, out answer))
            return errno;
        return Refuse($"Unsupported message sent to DM core: {argv[0]}");
    }

    private Errno Refuse(string text)
    {
        kernel.Log.Err("ioctl", text);
        return Errno.EINVAL;
    }
}
