using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using DmSim.Model.Targets;

namespace DmSim.Model.Ioctl;

/// <summary>The commands that list devices and target types (drivers/md/dm-ioctl.c, 6.1).</summary>
internal sealed partial class ListCommands(SimulatedKernel kernel, NameTable names)
{
    /// <summary>Before the name in struct dm_name_list: a 64-bit number and the 32-bit distance to the next entry.</summary>
    private const int NameListHead = 12;

    private const int NextOffset = 8;

    /// <summary>After the name: event number and flags, 32 bits each.</summary>
    private const int EventSize = 8;

    /// <summary>Before the name in struct dm_target_versions: the distance to the next entry and three version numbers.</summary>
    private const int VersionsHead = 16;

    private const uint HasUuid = 1, HasNoUuid = 2;

    /// <summary>list_devices: those whose name and uuid start with the request's, in order of name.</summary>
    public Errno ListDevices(ControlCall call)
    {
        if (kernel.Profile.Has(KernelRule.ListsFilledAsFarAsTheyGo))
            return FillDevices(call);
        bool withUuid = WithUuid(call);
        int needed = 0;
        foreach (var cell in names.InOrder)
            if (IsWanted(cell, call))
                needed += EntrySize(cell, withUuid);
        var result = call.TakeResultBuffer();
        if (result.Length < needed || result.Length < sizeof(ulong))
        {
            call.Flags |= DmFlags.DM_BUFFER_FULL_FLAG;
            return Errno.None;
        }
        call.SetResultLength(needed);
        BinaryPrimitives.WriteUInt64LittleEndian(result, 0);
        int at = 0, last = -1;
        foreach (var cell in names.InOrder)
        {
            if (!IsWanted(cell, call))
                continue;
            if (last >= 0)
                BinaryPrimitives.WriteUInt32LittleEndian(result[(last + NextOffset)..], (uint)(at - last));
            PutDevice(cell, result[at..], withUuid);
            last = at;
            at += EntrySize(cell, withUuid);
        }
        return Errno.None;
    }

    private bool WithUuid(ControlCall call) => call.Has(DmFlags.DM_UUID_FLAG) && kernel.Profile.Has(KernelRule.ListsHaveUuids);

    /// <summary>filter_device.</summary>
    private bool IsWanted(HashCell cell, ControlCall call) => !kernel.Profile.Has(KernelRule.ListsHaveUuids) ||
        cell.Name.AsSpan().StartsWith(call.Name) && cell.Uuid.AsSpan().StartsWith(call.Uuid);

    private static int EntrySize(HashCell cell, bool withUuid) =>
        DmText.Align(NameListHead + cell.Name.Length + 1) + EventSize
        + (withUuid && cell.Uuid is { } uuid ? DmText.Align(uuid.Length + 1) : 0);

    private void PutDevice(HashCell cell, Span<byte> entry, bool withUuid)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(entry, cell.Device.Number.Encode());
        BinaryPrimitives.WriteUInt32LittleEndian(entry[NextOffset..], 0);
        CStrings.Put(cell.Name, entry[NameListHead..]);
        var tail = entry[DmText.Align(NameListHead + cell.Name.Length + 1)..];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, cell.Device.EventNr);
        // Before there were flags, these four bytes were left as they came.
        if (kernel.Profile.Has(KernelRule.ListsHaveUuids))
            BinaryPrimitives.WriteUInt32LittleEndian(tail[4..], !withUuid ? 0 : cell.Uuid is null ? HasNoUuid : HasUuid);
        if (withUuid && cell.Uuid is not null)
            CStrings.Put(cell.Uuid, tail[EventSize..]);
    }

    /// <summary>list_versions: all target types, the one registered last first.</summary>
    public Errno ListVersions(ControlCall call) => PutVersions(kernel.TargetTypes.NewestFirst, call);

    /// <summary>get_target_version.</summary>
    public Errno GetTargetVersion(ControlCall call) =>
        kernel.TargetTypes.Find(call.Name) is { } type ? PutVersions([type], call) : Errno.EINVAL;

    /// <summary>__list_versions. The length that goes back counts full padding for every entry, whether used or not.</summary>
    private Errno PutVersions(IReadOnlyList<TargetType> types, ControlCall call)
    {
        if (kernel.Profile.Has(KernelRule.ListsFilledAsFarAsTheyGo))
            return FillVersions(types, call);
        int needed = 0;
        foreach (var type in types)
            needed += VersionsHead + type.Name.Length + 1 + 7;
        var result = call.TakeResultBuffer();
        if (result.Length < needed)
        {
            call.Flags |= DmFlags.DM_BUFFER_FULL_FLAG;
            return Errno.None;
        }
        call.SetResultLength(needed);
        int at = 0, last = -1;
        foreach (var type in types)
        {
            if (last >= 0)
                BinaryPrimitives.WriteUInt32LittleEndian(result[last..], (uint)(at - last));
            PutVersion(type, result[at..]);
            last = at;
            at = DmText.Align(at + VersionsHead + type.Name.Length + 1);
        }
        return Errno.None;
    }

    private void PutVersion(TargetType type, Span<byte> entry)
    {
        var version = type.Version(kernel.Profile);
        BinaryPrimitives.WriteUInt32LittleEndian(entry, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], version.Major);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], version.Minor);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], version.Patch);
        for (int i = 0; i < type.Name.Length; i++)
            entry[VersionsHead + i] = (byte)type.Name[i];
        entry[VersionsHead + type.Name.Length] = 0;
    }
}
