using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Machine;

namespace DmSim.Model.Sysfs;

/// <summary>A block device's folder in sysfs.</summary>
internal sealed class BlockDeviceInfo(BlockDevice device) : IBlockDeviceInfo
{
    public DeviceNumber Number => device.Number;
    public string Name => device.Name;
    public string Statistics => device.Counters.ToDiskstats();
    public ulong Size => device.Capacity.ToBytes().Value;

    /// <summary>bd_link_disk_holder: the devices of both its tables.</summary>
    public IReadOnlyList<string> Slaves => SlavesOf(device);

    public IReadOnlyList<string> Holders =>
        [.. device.Kernel.Devices.Live.Where(other => SlavesOf(other).Contains(device.Name)).Select(other => other.Name)];

    private static string[] SlavesOf(BlockDevice device) => device is MappedDevice mapped
        ? [.. mapped.HeldDevices.Select(held => held.Name).Distinct()]
        : [];

    private IEnumerable<BlockAttribute> Present => BlockAttributes.All.Where(attribute => attribute.IsOf(device));

    public IReadOnlyList<string> Attributes => [.. Present.Select(attribute => attribute.Path)];

    public string? ReadAttribute(string name) => BlockAttributes.Find(name) is { } attribute && attribute.IsOf(device)
        && attribute.Show(device) is { } line ? line + "\n" : null;

    public bool CanWrite(string name) => BlockAttributes.Find(name) is { Store: not null };

    public Errno WriteAttribute(string name, string text) =>
        BlockAttributes.Find(name) is { Store: { } store } attribute && attribute.IsOf(device) ? store(device, text) : Errno.EACCES;
}
