using System.Text;
using DmSim.Abi;
using DmSim.Model.Devices;
using DmSim.Model.Machine;

namespace DmSim.Model.Ioctl;

/// <summary>The commands on a device as such: create, remove, rename, suspend, resume, status, geometry (dm-ioctl.c, 6.1).</summary>
internal sealed class DeviceCommands
{
    private readonly SimulatedKernel _kernel;
    private readonly NameTable _names;
    private bool _deferredRemoveQueued;
    private Task _deferredRemove = Task.CompletedTask;

    public DeviceCommands(SimulatedKernel kernel, NameTable names)
    {
        _kernel = kernel;
        _names = names;
        kernel.QueueDeferredRemove = QueueDeferredRemove;
    }

    /// <summary>dev_create.</summary>
    public Errno Create(ControlCall call)
    {
        if (!CheckName(call.Name))
            return Errno.EINVAL;
        uint? minor = call.Has(DmFlags.DM_PERSISTENT_DEV_FLAG) ? DeviceNumber.Decode(call.Header.Dev).Minor : null;
        if (MappedDevice.Create(_kernel, minor) is not { } device)
            return Errno.ENXIO;
        if (!_names.Insert(call.Name, call.Uuid, device))
        {
            device.Free();
            return Errno.EBUSY;
        }
        call.Flags &= ~DmFlags.DM_INACTIVE_PRESENT_FLAG;
        _names.FillStatus(device, call);
        return Errno.None;
    }

    /// <summary>dev_remove.</summary>
    public async ValueTask<Errno> RemoveAsync(ControlCall call)
    {
        if (_names.Find(call) is not { } cell)
            return Errno.ENXIO;
        var device = cell.Device;
        bool deferred = call.Has(DmFlags.DM_DEFERRED_REMOVE);
        var errno = device.LockForDeletion(markDeferred: deferred, onlyDeferred: false);
        if (errno != Errno.None)
            return errno == Errno.EBUSY && deferred ? Errno.None : errno;
        await ForgetAsync(cell);
        call.Flags &= ~DmFlags.DM_DEFERRED_REMOVE;
        SendUevent(device, "remove", call);
        await device.DestroyAsync();
        return Errno.None;
    }

    /// <summary>
    /// __hash_remove, and the end of the inactive table. Only where there is one does the remover sleep before it suspends the device
    /// (dm_sync_table waits for a grace period), so that who was waiting for the device's events finds it as it was.
    /// </summary>
    private async ValueTask ForgetAsync(HashCell cell)
    {
        if (_names.Remove(cell) is not { } inactive)
            return;
        await _kernel.Work.Yield();
        inactive.Destroy();
    }

    /// <summary>remove_all.</summary>
    public async ValueTask<Errno> RemoveAllAsync(ControlCall call)
    {
        await RemoveAllAsync(markDeferred: call.Has(DmFlags.DM_DEFERRED_REMOVE), onlyDeferred: false);
        SetEmptyReply(call);
        return Errno.None;
    }

    /// <summary>dm_hash_remove_all, keeping open devices: from the start again after each that went, as it may have held others.</summary>
    private async ValueTask RemoveAllAsync(bool markDeferred, bool onlyDeferred)
    {
        int skipped;
        while (TakeRemovable(markDeferred, onlyDeferred, out skipped) is { } cell)
        {
            await ForgetAsync(cell);
            await cell.Device.DestroyAsync();
            // A worker that takes down a stack from the top lets who removed the top finish after the first one below.
            await _kernel.Work.StandBack();
        }
        if (skipped > 0 && !onlyDeferred)
            _kernel.Log.Warn("ioctl", $"remove_all left {skipped} open device(s)");
    }

    private HashCell? TakeRemovable(bool markDeferred, bool onlyDeferred, out int skipped)
    {
        skipped = 0;
        foreach (var cell in _names.InOrder)
        {
            if (cell.Device.LockForDeletion(markDeferred, onlyDeferred) == Errno.None)
                return cell;
            skipped++;
        }
        return null;
    }

    /// <summary>queue_work(deferred_remove_workqueue): one run at a time; asked for while it runs, it runs once more.</summary>
    private void QueueDeferredRemove()
    {
        if (_deferredRemoveQueued)
            return;
        _deferredRemoveQueued = true;
        var previous = _deferredRemove;
        _deferredRemove = _kernel.Work.Start(() => RunDeferredRemoveAsync(previous));
    }

    private async Task RunDeferredRemoveAsync(Task previous)
    {
        await previous;
        _deferredRemoveQueued = false;
        await RemoveAllAsync(markDeferred: false, onlyDeferred: true);
    }

    /// <summary>dev_rename: a new name, or the first uuid.</summary>
    public Errno Rename(ControlCall call)
    {
        bool changeUuid = call.Has(DmFlags.DM_UUID_FLAG);
        int longest = (changeUuid ? DmIoctl.DM_UUID_LEN : DmIoctl.DM_NAME_LEN) - 1;
        if (!call.TryGetPayloadString(0, out var text) || text.IsEmpty || text.Length > longest)
        {
            _kernel.Log.Refusal("ioctl", "Invalid new mapped device name or uuid string supplied.");
            return Errno.EINVAL;
        }
        if (!changeUuid && !CheckName(text))
            return Errno.EINVAL;
        var errno = Rename(call, text, changeUuid, out var device);
        if (errno != Errno.None)
            return errno;
        device!.LiveTable?.RaiseEvent();
        SendUevent(device, "change", call);
        _names.FillStatus(device, call);
        return Errno.None;
    }

    /// <summary>dm_hash_rename up to the change itself. The old name alone counts; uuid and number find nothing here.</summary>
    private Errno Rename(ControlCall call, ReadOnlySpan<byte> text, bool changeUuid, out MappedDevice? device)
    {
        device = null;
        if ((changeUuid ? _names.FindUuid(text) : _names.FindName(text)) is not null)
        {
            _kernel.Log.Refusal("ioctl", $"Unable to change {(changeUuid ? "uuid" : "name")} on mapped device "
                + $"{CStrings.ToText(call.Name)} to one that already exists: {CStrings.ToText(text)}");
            return Errno.EBUSY;
        }
        if (_names.FindName(call.Name) is not { } cell)
        {
            _kernel.Log.Refusal("ioctl", $"Unable to rename non-existent device, {CStrings.ToText(call.Name)} to "
                + $"{(changeUuid ? "uuid " : "")}{CStrings.ToText(text)}");
            return Errno.ENXIO;
        }
        if (changeUuid && cell.Uuid is { } uuid)
        {
            _kernel.Log.Refusal("ioctl", $"Unable to change uuid of mapped device {CStrings.ToText(call.Name)} to "
                + $"{CStrings.ToText(text)} because uuid is already set to {CStrings.ToText(uuid)}");
            return Errno.EINVAL;
        }
        if (changeUuid)
            _names.SetUuid(cell, text);
        else
            _names.Rename(cell, text);
        device = cell.Device;
        return Errno.None;
    }

    /// <summary>dev_suspend: suspend or resume, as DM_SUSPEND_FLAG says.</summary>
    public ValueTask<Errno> SuspendOrResumeAsync(ControlCall call) =>
        call.Has(DmFlags.DM_SUSPEND_FLAG) ? SuspendAsync(call) : ResumeAsync(call);

    private async ValueTask<Errno> SuspendAsync(ControlCall call)
    {
        if (_names.Find(call) is not { } cell)
            return Errno.ENXIO;
        var device = cell.Device;
        if (!device.Suspended)
        {
            device.Hold();
            var errno = await device.SuspendAsync(SuspendFlags(call));
            device.Release();
            if (errno != Errno.None)
                return errno;
        }
        _names.FillStatus(device, call);
        return Errno.None;
    }

    /// <summary>do_resume: swaps the inactive table in, if there is one, and lets I/O go on.</summary>
    private async ValueTask<Errno> ResumeAsync(ControlCall call)
    {
        if (_names.Find(call) is not { } cell)
            return Errno.ENXIO;
        var device = cell.Device;
        device.Hold();
        var newTable = cell.NewTable;
        cell.NewTable = null;
        call.Flags &= ~DmFlags.DM_INACTIVE_PRESENT_FLAG;
        var errno = await ResumeAsync(device, newTable, call);
        if (errno == Errno.None)
            _names.FillStatus(device, call);
        device.Release();
        return errno;
    }

    private async ValueTask<Errno> ResumeAsync(MappedDevice device, Table? newTable, ControlCall call)
    {
        Table? oldTable = null;
        bool resized = false;
        var errno = Errno.None;
        if (newTable is not null)
        {
            if (!device.Suspended)
            {
                errno = await device.SuspendAsync(SuspendFlags(call));
                if (errno != Errno.None)
                    return PutBack(device, newTable, errno);
            }
            var oldSize = device.Capacity;
            (errno, oldTable) = await device.SwapTableAsync(newTable);
            if (errno != Errno.None)
            {
                newTable.Destroy();
                return errno;
            }
            resized = oldSize != Sectors.Zero && device.Capacity != Sectors.Zero && oldSize != device.Capacity;
            device.SetReadOnly((newTable.Mode & OpenMode.Write) == 0);
        }
        if (device.Suspended)
        {
            errno = await device.ResumeAsync();
            if (errno == Errno.None)
                SendUevent(device, "change", call, resized);
        }
        if (oldTable is not null)
            await oldTable.DestroyAsync();
        return errno;
    }

    /// <summary>The suspend before the swap failed: the table goes back into its slot, unless another is there by now.</summary>
    private static Errno PutBack(MappedDevice device, Table newTable, Errno errno)
    {
        if (device.Cell is { NewTable: null } cell)
        {
            cell.NewTable = newTable;
            return errno;
        }
        newTable.Destroy();
        return Errno.ENXIO;
    }

    private static SuspendFlags SuspendFlags(ControlCall call) =>
        (call.Has(DmFlags.DM_SKIP_LOCKFS_FLAG) ? 0 : Devices.SuspendFlags.LockFs)
        | (call.Has(DmFlags.DM_NOFLUSH_FLAG) ? Devices.SuspendFlags.NoFlush : 0);

    /// <summary>dev_status.</summary>
    public Errno Status(ControlCall call)
    {
        if (_names.Find(call) is not { } cell)
            return Errno.ENXIO;
        _names.FillStatus(cell.Device, call);
        return Errno.None;
    }

    /// <summary>dev_set_geometry.</summary>
    public Errno SetGeometry(ControlCall call)
    {
        if (_names.Find(call) is not { } cell)
            return Errno.ENXIO;
        if (!call.TryGetPayloadString(0, out var text))
            return Refuse("Invalid geometry supplied.");
        var scan = new Scanner(Encoding.Latin1.GetString(text), _kernel.Profile);
        if (!scan.U64(out ulong cylinders) || !scan.U64(out ulong heads) || !scan.U64(out ulong sectors)
            || !scan.U64(out ulong start) || !scan.AtEnd)
            return Refuse("Unable to interpret geometry settings.");
        if (cylinders > ushort.MaxValue || heads > byte.MaxValue || sectors > byte.MaxValue)
            return Refuse("Geometry exceeds range limits.");
        var errno = cell.Device.SetGeometry(new Geometry((uint)cylinders, (uint)heads, (uint)sectors, start));
        SetEmptyReply(call);
        return errno;
    }

    private Errno Refuse(string text)
    {
        _kernel.Log.Refusal("ioctl", text);
        return Errno.EINVAL;
    }

    /// <summary>check_name.</summary>
    private bool CheckName(ReadOnlySpan<byte> name)
    {
        bool knowsNodes = _kernel.Profile.Has(Profiles.KernelRule.NamesOfNodesRefused);
        string? error = name.Contains((byte)'/') ? knowsNodes ? "device name cannot contain '/'" : "invalid device name"
            : knowsNodes && (name.SequenceEqual("control"u8) || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
                ? "device name cannot be \"control\", \".\", or \"..\""
            : null;
        if (error is not null)
            _kernel.Log.Refusal("ioctl", error);
        return error is null;
    }

    /// <summary>dm_kobject_uevent; event_nr is the udev cookie.</summary>
    private static void SendUevent(MappedDevice device, string action, ControlCall call, bool resized = false)
    {
        if (device.SendUevent(action, call.Header.EventNr, resized))
            call.Flags |= DmFlags.DM_UEVENT_GENERATED_FLAG;
    }

    /// <summary>data_size 0: nothing but the version, written before, goes back.</summary>
    private static void SetEmptyReply(ControlCall call)
    {
        var header = call.Header;
        header.DataSize = 0;
    }
}
