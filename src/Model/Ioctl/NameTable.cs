using DmSim.Abi;
using DmSim.Model.Devices;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Model.Ioctl;

/// <summary>struct hash_cell: a device's name, its uuid, and the table in its inactive slot.</summary>
internal sealed class HashCell(byte[] name, byte[]? uuid, MappedDevice device)
{
    public byte[] Name { get; set; } = name;
    public byte[]? Uuid { get; set; } = uuid;
    public MappedDevice Device { get; } = device;

    /// <summary>hc->new_map: loaded, not yet resumed.</summary>
    public Table? NewTable { get; set; }

    /// <summary>Its number among all names that were ever linked: where names are hashed, a later one stands before an earlier.</summary>
    public long LinkedAs { get; set; }
}

/// <summary>The devices by name, by uuid and by number (name_rb_tree and uuid_rb_tree, drivers/md/dm-ioctl.c, 6.1).</summary>
internal sealed class NameTable(SimulatedKernel kernel)
{
    private readonly List<HashCell> _byName = [];
    private readonly List<HashCell> _byUuid = [];
    private long _linked;

    /// <summary>In the order of every list of devices: that of the bytes of their names, or on older kernels that of a hash table.</summary>
    public List<HashCell> InOrder => kernel.Profile.Has(KernelRule.NamesInOrder) ? _byName
        : [.. _byName.OrderBy(cell => Bucket(cell.Name)).ThenByDescending(cell => cell.LinkedAs)];

    /// <summary>hash_str (drivers/md/dm-ioctl.c, 5.10). A char is signed.</summary>
    private static uint Bucket(byte[] name)
    {
        const uint Multiplier = 2654435387, Buckets = 64;
        uint hash = 0;
        foreach (byte c in name)
            hash = unchecked((hash + (uint)(sbyte)c) * Multiplier);
        return hash % Buckets;
    }

    public HashCell? FindName(ReadOnlySpan<byte> name) => Search(_byName, name, static c => c.Name, out int at) ? _byName[at] : null;

    public HashCell? FindUuid(ReadOnlySpan<byte> uuid) => Search(_byUuid, uuid, static c => c.Uuid!, out int at) ? _byUuid[at] : null;

    /// <summary>dm_hash_insert: false when the name or the uuid is taken.</summary>
    public bool Insert(ReadOnlySpan<byte> name, ReadOnlySpan<byte> uuid, MappedDevice device)
    {
        if (FindName(name) is not null || (!uuid.IsEmpty && FindUuid(uuid) is not null))
            return false;
        var cell = new HashCell(name.ToArray(), uuid.IsEmpty ? null : uuid.ToArray(), device);
        LinkName(cell);
        if (cell.Uuid is not null)
            LinkUuid(cell);
        device.Cell = cell;
        return true;
    }

    /// <summary>__hash_remove: forgets the device, wakes who waits for its events; answers the inactive table, to be destroyed.</summary>
    public Table? Remove(HashCell cell)
    {
        UnlinkName(cell);
        if (cell.Uuid is { } uuid && Search(_byUuid, uuid, static c => c.Uuid!, out int at))
            _byUuid.RemoveAt(at);
        cell.Device.Cell = null;
        cell.Device.LiveTable?.RaiseEvent();
        return cell.NewTable;
    }

    public void Rename(HashCell cell, ReadOnlySpan<byte> name)
    {
        UnlinkName(cell);
        cell.Name = name.ToArray();
        LinkName(cell);
    }

    public void SetUuid(HashCell cell, ReadOnlySpan<byte> uuid)
    {
        cell.Uuid = uuid.ToArray();
        LinkUuid(cell);
    }

    /// <summary>
    /// __find_device_hash_cell: by uuid, else name, else number, of which one only may be given. Writes name, uuid and
    /// whether there is an inactive table into the request.
    /// </summary>
    public HashCell? Find(ControlCall call)
    {
        var header = call.Header;
        bool hasUuid = header.UuidField[0] != 0, hasName = header.NameField[0] != 0;
        ulong dev = header.Dev;
        if ((hasUuid && (hasName || dev != 0)) || (hasName && dev != 0))
        {
            string uuid = hasUuid ? $"uuid {CStrings.ToText(call.Uuid)}, " : "";
            if (kernel.Profile.Has(KernelRule.ContradictionsLogged))
                kernel.Log.Err("ioctl", $"Invalid ioctl structure: {uuid}name {CStrings.ToText(call.Name)}, dev {dev:x}");
            return null;
        }
        var cell = hasUuid ? FindUuid(call.Uuid)
            : hasName ? FindName(call.Name)
            : dev != 0 ? kernel.Devices.FindMapped(DeviceNumber.Decode(dev))?.Cell
            : null;
        if (cell is null)
            return null;
        CStrings.Put(cell.Name, header.NameField);
        CStrings.Put(cell.Uuid, header.UuidField);
        header.Flags = cell.NewTable is not null
            ? header.Flags | DmFlags.DM_INACTIVE_PRESENT_FLAG
            : header.Flags & ~DmFlags.DM_INACTIVE_PRESENT_FLAG;
        return cell;
    }

    /// <summary>dm_get_inactive_table.</summary>
    public Table? InactiveTable(MappedDevice device)
    {
        if (device.Cell is { } cell)
            return cell.NewTable;
        kernel.Log.Refusal("ioctl", "device has been removed from the dev hash table.");
        return null;
    }

    /// <summary>dm_get_live_or_inactive_table.</summary>
    public Table? QueriedTable(MappedDevice device, ControlCall call) =>
        call.Has(DmFlags.DM_QUERY_INACTIVE_TABLE_FLAG) ? InactiveTable(device) : device.LiveTable;

    /// <summary>__dev_status: the header of the reply.</summary>
    public void FillStatus(MappedDevice device, ControlCall call)
    {
        var header = call.Header;
        var flags = header.Flags & ~(DmFlags.DM_SUSPEND_FLAG | DmFlags.DM_READONLY_FLAG
            | DmFlags.DM_ACTIVE_PRESENT_FLAG | DmFlags.DM_INTERNAL_SUSPEND_FLAG);
        if (device.Suspended)
            flags |= DmFlags.DM_SUSPEND_FLAG;
        if (device.SuspendedInternally)
            flags |= DmFlags.DM_INTERNAL_SUSPEND_FLAG;
        if (device.DeferredRemove)
            flags |= DmFlags.DM_DEFERRED_REMOVE;
        header.Dev = device.Number.Encode();
        header.OpenCount = device.OpenCount;
        header.EventNr = device.EventNr;
        header.TargetCount = 0;

        bool inactive = (flags & DmFlags.DM_QUERY_INACTIVE_TABLE_FLAG) != 0;
        if (device.LiveTable is { } live)
        {
            if (!inactive)
            {
                if (device.ReadOnly)
                    flags |= DmFlags.DM_READONLY_FLAG;
                header.TargetCount = (uint)live.Targets.Count;
            }
            flags |= DmFlags.DM_ACTIVE_PRESENT_FLAG;
        }
        if (inactive && InactiveTable(device) is { } table)
        {
            if ((table.Mode & OpenMode.Write) == 0)
                flags |= DmFlags.DM_READONLY_FLAG;
            header.TargetCount = (uint)table.Targets.Count;
        }
        header.Flags = flags;
    }

    private void LinkName(HashCell cell)
    {
        Link(_byName, cell, cell.Name, static c => c.Name);
        cell.LinkedAs = ++_linked;
    }

    private void LinkUuid(HashCell cell) => Link(_byUuid, cell, cell.Uuid!, static c => c.Uuid!);

    private void UnlinkName(HashCell cell)
    {
        Search(_byName, cell.Name, static c => c.Name, out int at);
        _byName.RemoveAt(at);
    }

    private static void Link(List<HashCell> cells, HashCell cell, byte[] key, Func<HashCell, byte[]> keyOf)
    {
        if (Search(cells, key, keyOf, out int at))
            throw new InvalidOperationException("two devices of one name or uuid");
        cells.Insert(at, cell);
    }

    /// <summary>Binary search in strcmp's order; where the key is missing, <paramref name="at"/> is its place.</summary>
    private static bool Search(List<HashCell> cells, ReadOnlySpan<byte> key, Func<HashCell, byte[]> keyOf, out int at)
    {
        int low = 0, high = cells.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            int order = keyOf(cells[middle]).AsSpan().SequenceCompareTo(key);
            if (order == 0)
            {
                at = middle;
                return true;
            }
            if (order < 0)
                low = middle + 1;
            else
                high = middle;
        }
        at = low;
        return false;
    }
}
