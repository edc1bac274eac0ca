using DmSim.Abi;
using DmSim.Model.Devices;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Model.Ioctl;

/// <summary>DM_TARGET_MSG: words for the device itself ("@…") or for the target at a sector (drivers/md/dm-ioctl.c, 6.1).</summary>
internal sealed class MessageCommand(SimulatedKernel kernel, NameTable names)
{
    /// <summary>target_message.</summary>
    public ValueTask<Errno> SendAsync(ControlCall call)
    {
        // The kernel looks for the text where data_start points, but then sets data_start to where the answer will go.
        bool valid = call.TryGetPayloadString(DmTargetMsg.Size, out var text);
        ulong sector = valid ? call.GetPayloadU64() : 0;
        int room = call.TakeResultBuffer().Length;
        if (names.Find(call) is not { } cell)
            return new(Errno.ENXIO);
        var device = cell.Device;
        if (!valid)
            return new(Refuse("Invalid target message parameters."));
        string[] argv = ArgumentSplitter.Split(text);
        if (argv.Length == 0)
            return new(Refuse("Empty message received."));
        if (!argv[0].StartsWith('@'))
            return new(Finish(call, device, SendToTarget(call, device, sector, argv)));
        var answer = SendToDevice(device, argv, room);
        return answer.IsCompletedSuccessfully ? new(Finish(call, device, answer.Result)) : FinishLaterAsync(call, device, answer);
    }

    private async ValueTask<Errno> FinishLaterAsync(ControlCall call, MappedDevice device, Task<MessageAnswer> answer)
    {
        device.Hold();
        var errno = Finish(call, device, await answer);
        device.Release();
        return errno;
    }

    private Errno Finish(ControlCall call, MappedDevice device, MessageAnswer answer)
    {
        if (answer.Errno != Errno.None)
            return answer.Errno;
        names.FillStatus(device, call);
        if (answer.Text is { } text)
            PutAnswer(text, call);
        return Errno.None;
    }

    private MessageAnswer SendToTarget(ControlCall call, MappedDevice device, ulong sector, string[] argv)
    {
        if (device.LiveTable is not { } table)
            return RefuseWithoutTable(call);
        if (table.FindTarget(sector) is not { } target)
            return Refuse("Target message sector outside device.");
        if (!target.HasMessage)
            return Refuse("Target type does not support messages");
        var errno = target.Message(argv, out string? answer);
        return new MessageAnswer(errno, answer);
    }

    /// <summary>The text goes back if it and its zero byte fit with room to spare (dm_message_test_buffer_overflow).</summary>
    private static void PutAnswer(string answer, ControlCall call)
    {
        var result = call.TakeResultBuffer();
        if (answer.Length == 0)
            answer = CStrings.ToText(CStrings.Until0(result));
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
    private Task<MessageAnswer> SendToDevice(MappedDevice device, string[] argv, int room)
    {
        if (argv[0].Equals("@cancel_deferred_remove", StringComparison.OrdinalIgnoreCase))
            return Task.FromResult<MessageAnswer>(argv.Length == 1
                ? device.CancelDeferredRemove()
                : RefuseAlways("Invalid arguments for @cancel_deferred_remove"));
        return StatisticsMessages.TryAnswer(kernel, device, argv, room)
            ?? Task.FromResult<MessageAnswer>(RefuseAlways($"Unsupported message sent to DM core: {argv[0]}"));
    }

    /// <summary>
    /// Without <see cref="KernelRule.MessageNeedsTable"/> it goes nowhere, and the ioctl answers the 2 by which message_for_md says that the
    /// message is not for it.
    /// </summary>
    private Errno RefuseWithoutTable(ControlCall call)
    {
        if (kernel.Profile.Has(KernelRule.MessageNeedsTable))
            return RefuseAlways("The device has no table.");
        call.NothingGoesBack = true;
        return Errno.None;
    }

    /// <summary>DMERR on every kernel.</summary>
    private Errno RefuseAlways(string text)
    {
        kernel.Log.Err("ioctl", text);
        return Errno.EINVAL;
    }

    private Errno Refuse(string text)
    {
        kernel.Log.Refusal("ioctl", text);
        return Errno.EINVAL;
    }
}
