using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Ioctl;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using DmSim.Model.Statistics;
using DmSim.Model.Targets;

namespace DmSim.Model.Devices;

/// <summary>
/// struct mapped_device (drivers/md/dm-core.h, dm.c, 6.1): a device whose sectors are where its live table says. This file has
/// its life and state; MappedDevice.Open.cs who uses it, MappedDevice.Suspend.cs how its table is changed,
/// MappedDevice.Io*.cs the path of a bio.
/// </summary>
public sealed partial class MappedDevice : BlockDevice
{
    private Sectors _capacity;
    private QueueLimits _limits = new();
    private bool _readOnly;
    private bool _deleting;
    private bool _freeing;
    private DeviceStatistics? _statistics;

    private MappedDevice(SimulatedKernel kernel, uint minor)
        : base(kernel, DeviceNumber.Dm(minor), $"dm-{minor}")
    {
        CountDisk();
        _rescuer = kernel.NextRescuer();
        DeviceName = Number.ToString();
        Events = new WaitQueue(kernel);
        _holdersGone = new WaitQueue(kernel);
        _suspendLock = new SleepingLock(kernel);
        _internallyResumed = new WaitQueue(kernel, ofSuspenders: true);
    }

    /// <summary>dm_device_name: "254:0", how the kernel's log lines name it.</summary>
    public string DeviceName { get; }

    /// <summary>Name, uuid and inactive table; null once it is removed.</summary>
    internal HashCell? Cell { get; set; }

    /// <summary>The name that it was given; null once it is removed.</summary>
    public string? MapName => Cell is { } cell ? CStrings.ToText(cell.Name) : null;

    /// <summary>md->map: the table in force, or null.</summary>
    public Table? LiveTable { get; private set; }

    /// <summary>The loaded table that the next resume puts in force, or null.</summary>
    public Table? InactiveTable => Cell?.NewTable;

    /// <summary>md->immutable_target_type: the live table's; only itself or a wildcard can replace it.</summary>
    internal TargetType? ImmutableTargetType { get; private set; }

    /// <summary>Whether a first table has made it a block device: before, it has a name and a number but nobody can open it.</summary>
    public bool IsBlockDevice { get; private set; }

    /// <summary>Whether a first table has given it its limits (dm_setup_md_queue).</summary>
    internal bool HasQueue { get; private set; }

    private bool _queueIsInSysfs;

    /// <summary>Of the queue kdmflush.</summary>
    private readonly long _rescuer;

    internal override bool HasQueueFiles => _queueIsInSysfs;

    /// <summary>DMF_DELETING or DMF_FREEING: it can no longer be opened, nor found by number.</summary>
    public bool IsDying => _deleting || _freeing;

    /// <summary>DMF_FREEING: nobody can take hold of it any more (dm_hold).</summary>
    internal bool IsFreeing => _freeing;

    public override Sectors Capacity => _capacity;
    protected override bool DiskReadOnly => _readOnly;
    public override QueueLimits Limits => _limits;
    internal override void ChangeLimits(Func<QueueLimits, QueueLimits> change) => _limits = change(_limits);

    /// <summary>md->stats.</summary>
    internal DeviceStatistics Statistics => _statistics ??= new DeviceStatistics(Kernel, this);

    /// <summary>The same where there is any region to count in, else null.</summary>
    internal DeviceStatistics? StatisticsIfUsed => _statistics is { InUse: true } ? _statistics : null;

    /// <summary>What HDIO_GETGEO answers.</summary>
    public Geometry Geometry { get; private set; }

    /// <summary>dm_create: a device with a given or the lowest free minor; null when there is none.</summary>
    internal static MappedDevice? Create(SimulatedKernel kernel, uint? minor)
    {
        var minors = kernel.Devices.DmMinors;
        if ((minor ?? minors.LowestFree) is not { } number || !minors.IsFree(number))
            return null;
        var device = new MappedDevice(kernel, number);
        minors.Take(number, device);
        if (!kernel.Profile.Has(KernelRule.DisksFromTables))
            device.AddDisk();
        return device;
    }

    /// <summary>
    /// dm_setup_md_queue: the first table gives the device its limits and makes it a block device.
    /// </summary>
    internal Errno SetUpQueue(Table table)
    {
        var errno = table.CalculateQueueLimits(out var limits);
        if (errno != Errno.None)
        {
            // table_load (drivers/md/dm-ioctl.c, 5.10) takes the type of the table before this: no later table gets here, and the queue is never registered.
            HasQueue = !Kernel.Profile.Has(KernelRule.DisksFromTables);
            Kernel.Log.Err("core", "Cannot calculate initial queue limits");
            return errno;
        }
        SetLimits(table.Restrict(limits, kept: false));
        HasQueue = _queueIsInSysfs = true;
        if (!IsBlockDevice)
            AddDisk();
        return Errno.None;
    }

    /// <summary>add_disk: from now on it can be opened.</summary>
    private void AddDisk()
    {
        IsBlockDevice = true;
        Kernel.Devices.Add(this);
        SendUevent("add");
    }

    /// <summary>set_disk_ro: a change of state is told to user space.</summary>
    internal void SetReadOnly(bool readOnly)
    {
        if (_readOnly == readOnly)
            return;
        _readOnly = readOnly;
        SendUevent("change", readOnly ? "DISK_RO=1" : "DISK_RO=0");
    }

    /// <summary>dm_set_geometry.</summary>
    internal Errno SetGeometry(Geometry geometry)
    {
        if (geometry.Start > (ulong)geometry.Cylinders * geometry.Heads * geometry.SectorsPerTrack)
        {
            Kernel.Log.Refusal("core", "Start sector is beyond the geometry limits.");
            return Errno.EINVAL;
        }
        Geometry = geometry;
        return Errno.None;
    }

    /// <summary>
    /// dm_kobject_uevent: false, and no event, while the device is not yet a block device (it has no path in sysfs).
    /// </summary>
    /// <param name="cookie">What udev hands back to who waits for it; 0 for none.</param>
    internal bool SendUevent(string action, uint cookie, bool resized)
    {
        if (!IsBlockDevice)
            return false;
        resized &= Kernel.Profile.Has(KernelRule.ResizesAnnounced);
        if (cookie == 0)
            SendUevent(action, resized ? ["RESIZE=1"] : []);
        else
            SendUevent(action, resized ? [$"DM_COOKIE={cookie}", "RESIZE=1"] : [$"DM_COOKIE={cookie}"]);
        return true;
    }

    private void SendUevent(string action, params string[] variables) => Kernel.Uevents.Send(action, Name, variables);

    /// <summary>
    /// __dm_destroy and free_dev: stops the device, waits until nobody uses it, gives back its table and its minor. The caller
    /// has taken it out of the name table.
    /// </summary>
    internal async ValueTask DestroyAsync()
    {
        _freeing = true;
        await _suspendLock.TakeAsync();
        if (!Suspended)
        {
            if (LiveTable is { } live)
                await live.PresuspendAsync();
            Suspended = true;
            PostSuspending = true;
            if (LiveTable is { } stopped)
                await stopped.PostsuspendAsync();
        }
        _suspendLock.Give();
        while (_holders > 0)
            await _holdersGone.Sleep();
        if (LiveTable is { } table)
        {
            table.EventsBound = false;
            LiveTable = null;
            await table.DestroyAsync();
            // The deferred removal of what the table held comes before the end of this device (destroy_workqueue sleeps).
            await Kernel.SettleRescuer(_rescuer);
        }
        Free();
    }

    /// <summary>free_dev.</summary>
    internal void Free()
    {
        _statistics?.DeleteAll();
        if (IsBlockDevice)
        {
            Kernel.Devices.Remove(this);
            SendUevent("remove");
        }
        Kernel.Devices.DmMinors.Free(Number.Minor);
    }
}

/// <summary>struct hd_geometry.</summary>
public readonly record struct Geometry(uint Cylinders, uint Heads, uint SectorsPerTrack, ulong Start);
