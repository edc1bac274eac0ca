using DmSim.Abi;

namespace DmSim.Model.Blocks;

/// <content>/dev/loop-control, which only programs in a shell open (drivers/block/loop.c, 6.1).</content>
public sealed partial class LoopDevices
{
    private bool _warnedOfRemoval;

    /// <summary>loop_control_ioctl.</summary>
    internal Errno Control(uint request, ulong argument, out int result)
    {
        result = 0;
        int index = unchecked((int)argument);
        switch ((BlockIoctl)request)
        {
            case BlockIoctl.LOOP_CTL_ADD:
                if (index >= 0 && Find(index) is not null)
                    return Errno.EEXIST;
                if (index > (int)DeviceNumber.MaxMinor)
                    return Errno.EINVAL;
                result = index >= 0 ? index : LowestFree();
                Add(result);
                return Errno.None;
            case BlockIoctl.LOOP_CTL_REMOVE:
                return Remove(index);
            case BlockIoctl.LOOP_CTL_GET_FREE:
                var free = Indices().FirstOrDefault(i => Find(i)!.Store is null, -1);
                result = free >= 0 ? free : LowestFree();
                if (free < 0)
                    Add(result);
                return Errno.None;
            default:
                return Errno.ENOSYS;
        }
    }

    private IEnumerable<int> Indices() =>
        _kernel.Devices.Live.Where(d => d.Number.Major == DeviceNumber.LoopMajor).Select(d => (int)d.Number.Minor);

    private int LowestFree()
    {
        int index = 0;
        while (Find(index) is not null)
            index++;
        return index;
    }

    /// <summary>loop_control_remove.</summary>
    private Errno Remove(int index)
    {
        if (index < 0)
        {
            if (!_warnedOfRemoval)
                _kernel.Log.Write(4, "loop: deleting an unspecified loop device is not supported.");
            _warnedOfRemoval = true;
            return Errno.EINVAL;
        }
        if (Find(index) is not { } device)
            return Errno.ENODEV;
        if (device.Store is not null || device.Openers > 0)
            return Errno.EBUSY;
        device.Partitions.DeleteAll();
        _kernel.Devices.Remove(device);
        _kernel.Uevents.Send("remove", device.Name);
        return Errno.None;
    }
}
