using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Machine;

namespace DmSim.Model.Devices;

/// <summary>Who uses the device, which devices it uses, and its events (drivers/md/dm.c, 6.1).</summary>
public sealed partial class MappedDevice
{
    /// <summary>_dm_claim_ptr: mapped devices share one claim, so that several may use one device.</summary>
    private static readonly object Claim = new();

    private readonly List<(TableDevice Device, int Uses)> _tableDevices = [];
    private readonly WaitQueue _holdersGone;
    private int _holders;

    /// <summary>dm_open_count: by user space and by tables.</summary>
    public int OpenCount { get; private set; }

    /// <summary>dm_get_event_nr.</summary>
    public uint EventNr { get; internal set; }

    /// <summary>md->eventq: woken by every event.</summary>
    internal WaitQueue Events { get; }

    /// <summary>DMF_DEFERRED_REMOVE: goes when the last one closes it.</summary>
    public bool DeferredRemove { get; private set; }

    /// <summary>dm_get by a command that may sleep: the device cannot go before <see cref="Release"/>.</summary>
    internal void Hold() => _holders++;

    /// <summary>dm_put.</summary>
    internal void Release()
    {
        if (--_holders == 0)
            _holdersGone.WakeAll();
    }

    /// <summary>event_callback.</summary>
    internal void RaiseEvent()
    {
        EventNr = unchecked(EventNr + 1);
        Events.WakeAll();
        Kernel.IssueGlobalEvent();
    }

    /// <summary>dm_blk_open: ENXIO once it is being removed.</summary>
    protected override Errno OnOpen(OpenMode mode)
    {
        if (IsDying)
            return Errno.ENXIO;
        OpenCount++;
        return Errno.None;
    }

    /// <summary>dm_blk_close: the last one may be what a deferred removal waits for.</summary>
    protected override void OnRelease(OpenMode mode)
    {
        if (--OpenCount == 0 && DeferredRemove)
            Kernel.QueueDeferredRemove?.Invoke();
    }

    /// <summary>dm_lock_for_deletion: EBUSY while open, EEXIST for a device that nobody asked to remove.</summary>
    internal Errno LockForDeletion(bool markDeferred, bool onlyDeferred)
    {
        if (OpenCount > 0)
        {
            DeferredRemove |= markDeferred;
            return Errno.EBUSY;
        }
        if (onlyDeferred && !DeferredRemove)
            return Errno.EEXIST;
        _deleting = true;
        return Errno.None;
    }

    /// <summary>dm_cancel_deferred_remove.</summary>
    internal Errno CancelDeferredRemove()
    {
        if (_deleting)
            return Errno.EBUSY;
        DeferredRemove = false;
        return Errno.None;
    }

    /// <summary>
    /// dm_get_table_device: opens a device for one of this device's tables. The tables share an opening of the same mode, so
    /// that the device below counts one.
    /// </summary>
    internal Errno GetTableDevice(DeviceNumber number, OpenMode mode, out TableDevice? device)
    {
        int at = _tableDevices.FindIndex(d => d.Device.Device.Number == number && d.Device.Mode == mode);
        if (at >= 0)
        {
            device = _tableDevices[at].Device;
            _tableDevices[at] = (device, _tableDevices[at].Uses + 1);
            return Errno.None;
        }
        device = null;
        var errno = Kernel.Devices.Open(number, mode, Claim, out var opened);
        if (errno != Errno.None)
            return errno;
        device = new TableDevice(opened!, mode);
        _tableDevices.Add((device, 1));
        return Errno.None;
    }

    /// <summary>What its tables hold open: its slaves in sysfs.</summary>
    internal IEnumerable<BlockDevice> HeldDevices => _tableDevices.Select(held => held.Device.Device);

    /// <summary>The numbers of those.</summary>
    public IEnumerable<DeviceNumber> HeldDeviceNumbers => HeldDevices.Select(device => device.Number);

    /// <summary>dm_put_table_device.</summary>
    internal void PutTableDevice(TableDevice device)
    {
        int at = _tableDevices.FindIndex(d => d.Device == device);
        if (at < 0)
            throw new InvalidOperationException($"{Name} does not hold {device.Name}");
        int uses = _tableDevices[at].Uses - 1;
        if (uses > 0)
        {
            _tableDevices[at] = (device, uses);
            return;
        }
        _tableDevices.RemoveAt(at);
        device.Device.Put(device.Mode, Claim);
    }
}
