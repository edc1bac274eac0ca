using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Machine;

namespace DmSim.Model.Devices;

/// <summary>
/// struct mapped_device (drivers/md/dm-core.h): a device whose sectors are where its live table says. This file has its state;
/// MappedDevice.Io*.cs the path of a bio.
/// </summary>
public sealed partial class MappedDevice : BlockDevice
{
    private Sectors _capacity;
    private QueueLimits _limits = new();
    private bool _readOnly;

    internal MappedDevice(SimulatedKernel kernel, uint minor)
        : base(kernel, DeviceNumber.Dm(minor), $"dm-{minor}")
    {
        DeviceName = Number.ToString();
    }

    /// <summary>dm_device_name: "254:0", how the kernel's log lines name it.</summary>
    public string DeviceName { get; }

    /// <summary>md->map: the table in force, or null.</summary>
    public Table? LiveTable { get; private set; }

    /// <summary>DMF_SUSPENDED.</summary>
    public bool Suspended { get; private set; }

    /// <summary>DMF_SUSPENDED_INTERNALLY.</summary>
    public bool SuspendedInternally { get; private set; }

    /// <summary>DMF_BLOCK_IO_FOR_SUSPEND: bios are deferred instead of mapped.</summary>
    public bool BlockIoForSuspend { get; private set; }

    /// <summary>DMF_NOFLUSH_SUSPENDING: a target may push bios back (DM_MAPIO_REQUEUE).</summary>
    public bool NoflushSuspending { get; private set; }

    /// <summary>DMF_POST_SUSPENDING.</summary>
    public bool PostSuspending { get; private set; }

    /// <summary>DMF_DELETING or DMF_FREEING: it can no longer be opened.</summary>
    public bool Dying { get; private set; }

    public override Sectors Capacity => _capacity;
    public override bool ReadOnly => _readOnly;
    public override QueueLimits Limits => _limits;

    /// <summary>dm_blk_open: ENXIO once it is being removed.</summary>
    protected override Errno OnOpen(OpenMode mode) => Dying ? Errno.ENXIO : Errno.None;

    /// <summary>set_disk_ro: a change of state is told to user space.</summary>
    internal void SetReadOnly(bool readOnly)
    {
        if (_readOnly == readOnly)
            return;
        _readOnly = readOnly;
        Kernel.Uevents.Send("change", Name, readOnly ? "DISK_RO=1" : "DISK_RO=0");
    }

    /// <summary>__bind: makes a table the live one; answers the old one, which the caller destroys.</summary>
    internal Table? Bind(Table table, QueueLimits limits)
    {
        _capacity = table.Size;
        _limits = limits;
        var old = LiveTable;
        LiveTable = table;
        return old;
    }
}
