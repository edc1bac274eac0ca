using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Model.Devices;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using DmSim.Model.Targets;

namespace DmSim.Model.Ioctl;

/// <summary>The commands on tables: load, clear, dependencies, status, wait (drivers/md/dm-ioctl.c, 6.1).</summary>
internal sealed class TableCommands(SimulatedKernel kernel, NameTable names)
{
    /// <summary>DM_MAX_TARGETS.</summary>
    private const uint MaxTargets = 1048576;

    /// <summary>table_load: builds a table and puts it into the inactive slot.</summary>
    public Errno Load(ControlCall call)
    {
        if (names.Find(call) is not { } cell)
            return Errno.ENXIO;
        var header = call.Header;
        if (header.TargetCount > MaxTargets)
            return Errno.EOVERFLOW;
        var device = cell.Device;
        var table = new Table(device, call.Has(DmFlags.DM_READONLY_FLAG) ? OpenMode.Read : OpenMode.ReadWrite);
        var errno = Populate(table, call);
        if (errno == Errno.None)
            errno = CheckAgainstDevice(table, device);
        if (errno != Errno.None)
        {
            table.Destroy();
            return errno;
        }
        var replaced = cell.NewTable;
        cell.NewTable = table;
        call.Flags |= DmFlags.DM_INACTIVE_PRESENT_FLAG;
        names.FillStatus(device, call);
        replaced?.Destroy();
        return Errno.None;
    }

    /// <summary>populate_table: walks the specs, each of which says how far the next one is from its own start.</summary>
    private Errno Populate(Table table, ControlCall call)
    {
        uint count = call.Header.TargetCount;
        if (count == 0)
            return Refuse("populate_table: no targets specified");
        ulong last = 0;
        ulong next = call.Header.DataStart, smallest = DmIoctl.Size;
        bool checks = kernel.Profile.Has(KernelRule.TableSpecsChecked);
        for (uint i = 0; i < count; i++)
        {
            ulong at = last + next;
            if (checks && RefuseSpec(call, last, next, smallest, isFirst: i == 0))
                return Errno.EINVAL;
            if (!checks && !SpecIsInside(call, last, at))
                return Refuse("unable to find target");
            var spec = call.Param[(int)at..];
            var type = CStrings.Until0(spec[DmTargetSpec.TargetTypeOffset..]);
            var errno = table.AddTarget(
                type,
                BinaryPrimitives.ReadUInt64LittleEndian(spec[DmTargetSpec.SectorStartOffset..]),
                BinaryPrimitives.ReadUInt64LittleEndian(spec[DmTargetSpec.LengthOffset..]),
                spec[DmTargetSpec.Size..]);
            if (errno != Errno.None)
            {
                kernel.Log.Refusal("ioctl", "error adding target to table");
                return errno;
            }
            next = BinaryPrimitives.ReadUInt32LittleEndian(spec[DmTargetSpec.NextOffset..]);
            last = at;
            smallest = (ulong)(DmTargetSpec.Size + spec[DmTargetSpec.Size..].IndexOf((byte)0) + 1);
        }
        return Errno.None;
    }

    /// <summary>
    /// populate_table and next_target where specs are checked (<see cref="KernelRule.TableSpecsChecked"/>): each lies behind the one before,
    /// or the header, on eight bytes, and its string has an end. True, with a line in the log, when it does not.
    /// </summary>
    private bool RefuseSpec(ControlCall call, ulong last, ulong next, ulong smallest, bool isFirst)
    {
        const uint Alignment = 8;
        if (next < smallest)
            return !Say($"populate_table: next target spec (offset {next}) overlaps {(isFirst ? "'struct dm_ioctl'" : "previous target")}");
        if (unchecked((ulong)call.ParamSize - last - DmTargetSpec.Size) <= next)
            return !Say("Target spec extends beyond end of parameters") && !Say("unable to find target");
        if (next % Alignment != 0)
            return !Say($"Next dm_target_spec (offset {next}) is not {Alignment}-byte aligned") && !Say("unable to find target");
        return !call.Param[(int)(last + next + DmTargetSpec.Size)..].Contains((byte)0) && !Say("populate_table: target parameters not NUL-terminated");
    }

    /// <summary>Always false, as what is said is why something is refused.</summary>
    private bool Say(string text)
    {
        kernel.Log.Refusal("ioctl", text);
        return false;
    }

    /// <summary>
    /// next_target: a spec starts no earlier than the one before ends, and the string behind it ends before the buffer does.
    /// The first is measured against a spec at the very start of the request, so it may overlap most of the header.
    /// </summary>
    private static bool SpecIsInside(ControlCall call, ulong last, ulong at)
    {
        ulong text = at + DmTargetSpec.Size;
        return at >= last + DmTargetSpec.Size && text < (ulong)call.ParamSize && call.Param[(int)text..].Contains((byte)0);
    }

    /// <summary>What table_load checks of a complete table: immutable type, and on the first load the limits.</summary>
    private Errno CheckAgainstDevice(Table table, MappedDevice device)
    {
        if (device.ImmutableTargetType is { } immutable && immutable != table.ImmutableTargetType && !table.HasWildcardTarget)
            return Refuse($"can't replace immutable target type {immutable.Name}");
        if (device.HasQueue)
            return Errno.None;
        var errno = device.SetUpQueue(table);
        if (errno != Errno.None)
            kernel.Log.Refusal("ioctl", "unable to set up device queue for new table.");
        return errno;
    }

    private Errno Refuse(string text)
    {
        kernel.Log.Refusal("ioctl", text);
        return Errno.EINVAL;
    }

    /// <summary>table_clear: empties the inactive slot.</summary>
    public Errno Clear(ControlCall call)
    {
        if (names.Find(call) is not { } cell)
            return Errno.ENXIO;
        var table = cell.NewTable;
        cell.NewTable = null;
        call.Flags &= ~DmFlags.DM_INACTIVE_PRESENT_FLAG;
        names.FillStatus(cell.Device, call);
        table?.Destroy();
        return Errno.None;
    }

    /// <summary>table_deps: the devices that a table holds, the last one taken first.</summary>
    public Errno Dependencies(ControlCall call)
    {
        if (names.Find(call) is not { } cell)
            return Errno.ENXIO;
        names.FillStatus(cell.Device, call);
        if (names.QueriedTable(cell.Device, call) is { } table)
            PutDependencies(table, call);
        return Errno.None;
    }

    /// <summary>retrieve_deps; struct dm_target_deps is a 32-bit count, padding that is left alone, and 64-bit numbers.</summary>
    private static void PutDependencies(Table table, ControlCall call)
    {
        const int headSize = 8, entrySize = 8;
        var result = call.TakeResultBuffer();
        int needed = headSize + entrySize * table.Devices.Count;
        if (result.Length < needed)
        {
            call.Flags |= DmFlags.DM_BUFFER_FULL_FLAG;
            return;
        }
        BinaryPrimitives.WriteUInt32LittleEndian(result, (uint)table.Devices.Count);
        var entries = result[headSize..];
        for (int i = table.Devices.Count - 1; i >= 0; i--)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(entries, table.Devices[i].Device.Number.Encode());
            entries = entries[entrySize..];
        }
        call.SetResultLength(needed);
    }

    /// <summary>table_status.</summary>
    public Errno Status(ControlCall call)
    {
        if (names.Find(call) is not { } cell)
            return Errno.ENXIO;
        PutStatus(cell.Device, call);
        return Errno.None;
    }

    /// <summary>dev_wait: sleeps until the event number differs from the caller's, then answers as table_status.</summary>
    public async ValueTask<Errno> WaitAsync(ControlCall call)
    {
        if (names.Find(call) is not { } cell)
            return Errno.ENXIO;
        var device = cell.Device;
        uint seen = call.Header.EventNr;
        device.Hold();
        while (device.EventNr == seen)
            await device.Events.Sleep();
        PutStatus(device, call);
        device.Release();
        return Errno.None;
    }

    private void PutStatus(MappedDevice device, ControlCall call)
    {
        names.FillStatus(device, call);
        if (names.QueriedTable(device, call) is { } table)
            PutStatus(table, call);
    }

    /// <summary>
    /// retrieve_status: one spec and text per target. A spec's "next" counts from the first spec here. What does not fit is left
    /// out, with DM_BUFFER_FULL; what does fit of a text is there, but beyond the length that goes back.
    /// </summary>
    private static void PutStatus(Table table, ControlCall call)
    {
        var header = call.Header;
        header.TargetCount = (uint)table.Targets.Count;
        var type = call.Has(DmFlags.DM_STATUS_TABLE_FLAG) ? StatusType.Table
            : call.Has(DmFlags.DM_IMA_MEASUREMENT_FLAG) ? StatusType.Ima
            : StatusType.Info;
        bool noflush = call.Has(DmFlags.DM_NOFLUSH_FLAG);
        var result = call.TakeResultBuffer();
        int at = 0, used = 0, whole = 0;
        for (; whole < table.Targets.Count; whole++)
        {
            var target = table.Targets[whole];
            if (result.Length - at <= DmTargetSpec.Size)
                break;
            PutSpec(target, result[at..]);
            int text = at + DmTargetSpec.Size;
            int room = result.Length - text;
            int length = PutText(target.Status(type, noflush), result[text..]) + 1;
            if (length == room)
                break;
            used = text + length;
            int next = DmText.Align(used);
            if (next > result.Length)
                break;
            BinaryPrimitives.WriteUInt32LittleEndian(result[(at + DmTargetSpec.NextOffset)..], (uint)next);
            at = next;
        }
        if (whole < table.Targets.Count)
            call.Flags |= DmFlags.DM_BUFFER_FULL_FLAG;
        if (used != 0)
            call.SetResultLength(used);
    }

    private static void PutSpec(Target target, Span<byte> spec)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(spec[DmTargetSpec.SectorStartOffset..], target.Begin.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(spec[DmTargetSpec.LengthOffset..], target.Length.Value);
        BinaryPrimitives.WriteInt32LittleEndian(spec[DmTargetSpec.StatusOffset..], 0);
        bool padsAll = target.Table.Kernel.Profile.Has(KernelRule.TargetTypesPadded);
        var name = spec.Slice(DmTargetSpec.TargetTypeOffset, DmIoctl.DM_MAX_TYPE_NAME - (padsAll ? 0 : 1));
        name.Clear();
        PutText(target.Type.Name, name, terminate: false);
    }

    /// <summary>Writes as much as fits (with the zero byte); answers how many bytes of text were written.</summary>
    private static int PutText(string text, Span<byte> room, bool terminate = true)
    {
        int length = Math.Min(text.Length, terminate ? room.Length - 1 : room.Length);
        for (int i = 0; i < length; i++)
            room[i] = unchecked((byte)text[i]);
        if (terminate)
            room[length] = 0;
        return length;
    }
}
