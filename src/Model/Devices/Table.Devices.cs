using DmSim.Abi;

namespace DmSim.Model.Devices;

/// <summary>The devices that a table holds (drivers/md/dm-table.c, 6.1).</summary>
public sealed partial class Table
{
    private readonly List<TableDevice> _devices = [];
    private readonly List<int> _uses = [];

    /// <summary>The devices, in the order in which they were first taken.</summary>
    public IReadOnlyList<TableDevice> Devices => _devices;

    /// <summary>
    /// dm_get_device: finds the device that <paramref name="path"/> names ("7:0", "/dev/loop0", "/dev/dm-1", …), opens it for
    /// this table, or shares what the table already holds. Errors are the kernel's: EOVERFLOW for numbers too large, ENODEV for
    /// words that name nothing, ENXIO for a number without a device, EBUSY where somebody else has claimed it.
    /// </summary>
    public Errno GetDevice(string path, OpenMode mode, out TableDevice? device)
    {
        device = null;
        var errno = DevicePath.Resolve(Kernel, path, out var number);
        if (errno != Errno.None)
            return errno;
        if (number == Owner.Number && Kernel.Profile.Has(Profiles.KernelRule.SelfReferenceRefused))
            return Errno.EINVAL;
        int held = _devices.FindIndex(d => d.Device.Number == number);
        if (held < 0)
        {
            errno = Owner.GetTableDevice(number, mode, out device);
            if (errno != Errno.None)
                return errno;
            _devices.Add(device!);
            _uses.Add(1);
            return Errno.None;
        }
        var present = _devices[held];
        if ((present.Mode | mode) != present.Mode)
        {
            // upgrade_mode: opened once more with both modes, then the first opening is given back.
            errno = Owner.GetTableDevice(number, present.Mode | mode, out var upgraded);
            if (errno != Errno.None)
                return errno;
            _devices[held] = upgraded!;
            Owner.PutTableDevice(present);
        }
        _uses[held]++;
        device = _devices[held];
        return Errno.None;
    }

    /// <summary>
    /// dm_put_device. Who got an opening that has been upgraded since, for somebody else, has one that is no more: the kernel says so, after it
    /// has read freed memory, and the device stays in the list.
    /// </summary>
    public void PutDevice(TableDevice device)
    {
        int held = _devices.IndexOf(device);
        if (held < 0)
        {
            Kernel.Log.Refusal("table", $"{Owner.DeviceName}: device {device.Name} not in table devices list");
            return;
        }
        if (--_uses[held] > 0)
            return;
        Owner.PutTableDevice(_devices[held]);
        _devices.RemoveAt(held);
        _uses.RemoveAt(held);
    }

    /// <summary>free_devices: those that no target has put.</summary>
    private void FreeDevices()
    {
        foreach (var device in _devices)
        {
            Kernel.Log.Warn("table", $"{Owner.DeviceName}: dm_table_destroy: dm_put_device call missing for {device.Name}");
            Owner.PutTableDevice(device);
        }
        _devices.Clear();
        _uses.Clear();
    }
}
