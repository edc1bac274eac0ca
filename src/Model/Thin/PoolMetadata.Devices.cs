using System.Buffers.Binary;
using DmSim.Abi;

namespace DmSim.Model.Thin;

/// <content>Making, opening and deleting thin devices and snapshots.</content>
public sealed partial class PoolMetadata
{
    /// <summary>dm_pool_open_thin_device: opened devices are to be closed, once each. ENODATA when there is none.</summary>
    public Errno OpenDevice(ThinId id, out ThinDeviceMetadata device)
    {
        device = null!;
        return _failIo ? Errno.EINVAL : OpenDevice(id, create: false, out device);
    }

    /// <summary>dm_pool_close_thin_device.</summary>
    public void CloseDevice(ThinDeviceMetadata device)
    {
        if (device.OpenCount <= 0)
            throw new InvalidOperationException("a thin device was closed more often than opened");
        device.OpenCount--;
    }

    /// <summary>__open_device.</summary>
    private Errno OpenDevice(ThinId id, bool create, out ThinDeviceMetadata device)
    {
        device = _devices.Find(id)!;
        if (device is not null)
        {
            if (create)
                return Errno.EEXIST;
            device.OpenCount++;
            return Errno.None;
        }
        Span<byte> value = stackalloc byte[DeviceDetails.Bytes];
        var errno = Live.Details.Lookup(_detailsRoot, [id.Value], value);
        bool isNew = errno == Errno.ENODATA && create;
        if (errno != Errno.None && !isNew)
            return errno;
        var details = isNew ? new DeviceDetails(0, _transactionId, _time, _time) : DeviceDetails.Read(value);
        device = new ThinDeviceMetadata(id, details, changed: isNew);
        _devices.Add(device);
        return Errno.None;
    }

    /// <summary>dm_pool_create_thin: EEXIST when there is such a device.</summary>
    public Errno CreateThin(ThinId id)
    {
        PutInService();
        if (_failIo)
            return Errno.EINVAL;
        // Any other failure than ENODATA is as good as that here.
        if (Live.Details.Lookup(_detailsRoot, [id.Value], []) == Errno.None)
            return Errno.EEXIST;
        var errno = Live.DeviceMappings.CreateEmpty(out ulong tree);
        if (errno != Errno.None)
            return errno;
        errno = InsertDeviceTree(id, tree);
        if (errno != Errno.None)
        {
            Live.DeviceMappings.Delete(tree);
            return errno;
        }
        errno = OpenDevice(id, create: true, out var device);
        if (errno != Errno.None)
        {
            Live.DeviceTrees.Remove(ref _root, [id.Value]);
            Live.DeviceMappings.Delete(tree);
            return errno;
        }
        CloseDevice(device);
        return Errno.None;
    }

    private Errno InsertDeviceTree(ThinId id, ulong tree)
    {
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(value, tree);
        return Live.DeviceTrees.Insert(ref _root, [id.Value], value);
    }

    private Errno FindDeviceTree(ThinId id, out ulong tree)
    {
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        var errno = Live.DeviceTrees.Lookup(_root, [id.Value], value);
        tree = BinaryPrimitives.ReadUInt64LittleEndian(value);
        return errno;
    }

    /// <summary>
    /// dm_pool_create_snap: another name for the origin's tree, and a new time, so that what the two have now is known to be shared.
    /// </summary>
    public Errno CreateSnap(ThinId id, ThinId origin)
    {
        PutInService();
        if (_failIo)
            return Errno.EINVAL;
        if (Live.Details.Lookup(_detailsRoot, [id.Value], []) == Errno.None)
            return Errno.EEXIST;
        var errno = FindDeviceTree(origin, out ulong tree);
        if (errno != Errno.None)
            return errno;
        Live.Manager.Increment(tree);
        errno = InsertDeviceTree(id, tree);
        if (errno != Errno.None)
        {
            Live.Manager.Decrement(tree);
            return errno;
        }
        _time = unchecked(_time + 1);
        errno = OpenDevice(id, create: true, out var snap);
        if (errno == Errno.None)
        {
            errno = SetSnapshotDetails(snap, origin);
            CloseDevice(snap);
        }
        if (errno != Errno.None)
        {
            Live.DeviceTrees.Remove(ref _root, [id.Value]);
            Live.Details.Remove(ref _detailsRoot, [id.Value]);
        }
        return errno;
    }

    /// <summary>__set_snapshot_details.</summary>
    private Errno SetSnapshotDetails(ThinDeviceMetadata snap, ThinId originId)
    {
        var errno = OpenDevice(originId, create: false, out var origin);
        if (errno != Errno.None)
            return errno;
        origin.Changed = true;
        origin.Details = origin.Details with { SnapshottedTime = _time };
        snap.Details = snap.Details with { MappedBlocks = origin.Details.MappedBlocks, SnapshottedTime = _time };
        CloseDevice(origin);
        return Errno.None;
    }

    /// <summary>dm_pool_delete_thin_device: ENODATA when there is none, EBUSY while it is open.</summary>
    public Errno DeleteDevice(ThinId id)
    {
        PutInService();
        if (_failIo)
            return Errno.EINVAL;
        var errno = OpenDevice(id, create: false, out var device);
        if (errno != Errno.None)
            return errno;
        if (device.OpenCount > 1)
        {
            CloseDevice(device);
            return Errno.EBUSY;
        }
        _devices.Remove(device);
        errno = Live.Details.Remove(ref _detailsRoot, [id.Value]);
        return errno != Errno.None ? errno : Live.DeviceTrees.Remove(ref _root, [id.Value]);
    }
}
