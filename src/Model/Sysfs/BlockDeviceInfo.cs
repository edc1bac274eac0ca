using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Blocks.Partitions;
using DmSim.Model.Devices;
using DmSim.Model.Machine;

namespace DmSim.Model.Sysfs;

/// <summary>A block device's folder in sysfs.</summary>
internal sealed class BlockDeviceInfo(BlockDevice device) : IBlockDeviceInfo
{
    public DeviceNumber Number => device.Number;
    public string Name => device.Name;
    public string? Disk => device is Partition ? device.Whole.Name : null;
    public string Statistics => device.Counters.ToDiskstats();
    public ulong Size => device.Capacity.ToBytes().Value;

    /// <summary>bd_link_disk_holder: the devices of both its tables.</summary>
    public IReadOnlyList<string> Slaves => SlavesOf(device);

    public IReadOnlyList<string> Holders =>
        [.. device.Kernel.Devices.Live.Where(other => SlavesOf(other).Contains(device.Name)).Select(other => other.Name)];

    private static string[] SlavesOf(BlockDevice device) => device is MappedDevice mapped
        ? [.. mapped.HeldDevices.Select(held => held.Name).Distinct()]
        : [];

    private IEnumerable<BlockAttribute> Present => BlockAttributes.Of(device).Where(attribute => attribute.IsOf(device));

    private BlockAttribute? Attribute(string name) => BlockAttributes.Find(device, name) is { } attribute && attribute.IsOf(device) ? attribute : null;

    public bool HasAttribute(string name) => Attribute(name) is not null;

    public IReadOnlyList<string> Attributes => [.. Present.Select(attribute => attribute.Path)];

    public string? ReadAttribute(string name) => Attribute(name)?.Show(device) is { } line ? line + "\n" : null;

    public Errno ReadRefusal(string name) => BlockAttributes.Find(device, name)?.Refusal ?? Errno.EINVAL;

    public bool CanWrite(string name) => BlockAttributes.Find(device, name) is { Store: not null };

    public Errno WriteAttribute(string name, string text) =>
        Attribute(name) is not { Store: { } store } ? Errno.EACCES
            // Nobody hears of a write of nothing (sysfs_kf_write, fs/sysfs/file.c).
            : text.Length == 0 ? Errno.None : store(device, text);
}
