using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators;

/// <summary>
/// Devices whose rename would make the kernel free memory twice. Clearing the inactive table of a device with a live one makes the two
/// tables share a text that describes the device (dm_ima_measure_on_table_clear); a rename frees it for the live one only
/// (dm_ima_measure_on_device_rename), and the next load, clear or removal frees it again for the inactive one (drivers/md/dm-ima.c, 6.1).
/// A load in between gives the inactive table a text of its own. A rename gives a device a text for its live table even where it has none.
/// </summary>
public sealed class DanglingMetadata
{
    private readonly HashSet<DeviceNumber> _devices = [];
    private readonly HashSet<DeviceNumber> _renamed = [];

    public bool Any => _devices.Count > 0;

    public bool Has(DeviceNumber device) => _devices.Contains(device);

    /// <summary>Told of what was done, between two looks. A raw request may have cleared a table as well.</summary>
    public void Follow(World before, Operation operation, World after)
    {
        _devices.RemoveWhere(number => after.Find(number) is not { HasInactive: false });
        _renamed.RemoveWhere(number => after.Find(number) is null);
        foreach (var device in after.Devices)
        {
            if (before.Find(device.Number) is { } old && (old.Name != device.Name || old.Uuid != device.Uuid))
                _renamed.Add(device.Number);
        }
        if (operation is Operation.Resume)
            return;
        foreach (var device in after.Devices)
        {
            if (device is { HasInactive: false } && before.Find(device.Number) is { HasInactive: true } old && old.HasLive == device.HasLive
                && (device.HasLive || _renamed.Contains(device.Number)))
                _devices.Add(device.Number);
        }
    }
}
