using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Model.Devices;

/// <summary>
/// The block devices of the machine by number and by path, and the minors that mapped devices have taken.
/// A mapped device has its minor from creation on, but is a block device only once its first table made it one (add_disk).
/// </summary>
public sealed class DeviceRegistry(SimulatedKernel kernel)
{
    private readonly SortedDictionary<DeviceNumber, BlockDevice> _live = [];
    private readonly Dictionary<string, BlockDevice> _liveByName = [];
    private readonly Dictionary<uint, Action<uint>> _probes = [];

    /// <summary>The mapped devices by minor, whether they are block devices yet or not.</summary>
    internal MinorTable DmMinors { get; } = new();

    /// <summary>The mapped devices by number, also those that are no block devices yet.</summary>
    public IEnumerable<MappedDevice> Mapped => DmMinors.InOrder;

    /// <summary>The devices that exist in /sys/block, by number.</summary>
    public IEnumerable<BlockDevice> Live => _live.Values;

    private ulong _diskSequence;

    /// <summary>inc_diskseq (block/genhd.c): one counter for all disks.</summary>
    internal ulong NextDiskSequence() => ++_diskSequence;

    /// <summary>add_disk: from here on the device can be found and opened. The caller sends the uevent.</summary>
    public void Add(BlockDevice device)
    {
        _live.Add(device.Number, device);
        _liveByName.Add(device.Name, device);
    }

    /// <summary>del_gendisk: nobody finds it any more.</summary>
    public void Remove(BlockDevice device)
    {
        if (!_live.Remove(device.Number) || !_liveByName.Remove(device.Name))
            throw new InvalidOperationException($"{device.Name} is not registered");
    }

    public BlockDevice? Find(DeviceNumber number) => _live.GetValueOrDefault(number);

    /// <summary>The device of a kernel name: what lies at /dev/NAME.</summary>
    public BlockDevice? FindName(string name) => _liveByName.GetValueOrDefault(name);

    /// <summary>dm_get_md (drivers/md/dm.c): the mapped device of a number, unless it is on its way out.</summary>
    public MappedDevice? FindMapped(DeviceNumber number) =>
        number.Major == DeviceNumber.DmMajor && DmMinors.Find(number.Minor) is { IsDying: false } device ? device : null;

    /// <summary>Registers who makes devices of a major on demand when one is opened by number (blk_request_module's probe).</summary>
    public void SetProbe(uint major, Action<uint> probeMinor) => _probes[major] = probeMinor;

    /// <summary>blkdev_get_no_open (block/bdev.c): the device of a number, made on demand where its driver does that.</summary>
    public BlockDevice? FindOrProbe(DeviceNumber number)
    {
        if (_live.TryGetValue(number, out var device))
            return device;
        if (_probes.TryGetValue(number.Major, out var probe))
            probe(number.Minor);
        if (_live.TryGetValue(number, out device) && kernel.Profile.Has(KernelRule.AutoloadingDeprecated))
            kernel.RateLimits.Write("blkdev_get_no_open", 4, "block device autoloading is deprecated and will be removed.");
        return device;
    }

    /// <summary>blkdev_get_by_dev (block/bdev.c): opens by number. ENXIO when there is no such device.</summary>
    public Errno Open(DeviceNumber number, OpenMode mode, object? holder, out BlockDevice? device)
    {
        device = FindOrProbe(number);
        return device is null ? Errno.ENXIO : device.Get(mode, holder);
    }
}
