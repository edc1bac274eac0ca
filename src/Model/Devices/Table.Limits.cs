using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Targets;

namespace DmSim.Model.Devices;

/// <summary>The limits that a table gives its device, and the checks of the areas it uses (drivers/md/dm-table.c, 6.1).</summary>
public sealed partial class Table
{
    /// <summary>
    /// dm_calculate_queue_limits: stacks the limits of all devices below. EINVAL, with its log line, where an area lies outside
    /// its device or is not aligned to logical blocks.
    /// </summary>
    internal Errno CalculateQueueLimits(out QueueLimits limits)
    {
        limits = LimitsStacking.Unlimited;
        foreach (var target in _targets)
        {
            var ofTarget = LimitsStacking.Unlimited;
            if (target.HasIterateDevices)
            {
                ofTarget = StackDevices(target);
                ofTarget = target.IoHints(ofTarget);
                if (target.IterateDevices((device, start, length) => AreaIsInvalid(device, start, length, ofTarget)))
                    return Errno.EINVAL;
            }
            else if (Kernel.Profile.Has(Profiles.KernelRule.LimitsValidated))
            {
                ofTarget = target.IoHints(ofTarget);
            }
            if (!LimitsStacking.Stack(limits, ofTarget, 0, out limits))
                Log.Warn("table", $"{Owner.DeviceName}: adding target device (start sect {target.Begin} len {target.Length}) "
                    + "caused an alignment inconsistency");
        }
        return ValidateLogicalBlockAlignment(limits);
    }

    private Machine.ModelLog Log => Kernel.Log;

    private QueueLimits StackDevices(Target target)
    {
        var limits = LimitsStacking.Unlimited;
        target.IterateDevices((device, start, length) =>
        {
            var below = device.Device.Limits;
            if (!LimitsStacking.Stack(limits, below, unchecked(device.Device.StartSector + start.Value), out limits))
                Log.Warn("table", $"{Owner.DeviceName}: adding target device {device.Device.Name} caused an alignment "
                    + $"inconsistency: physical_block_size={below.PhysicalBlockSize}, "
                    + $"logical_block_size={below.LogicalBlockSize}, alignment_offset={below.AlignmentOffset}, "
                    + $"start={unchecked(start.Value << Sectors.Shift)}");
            return false;
        });
        return limits;
    }

    /// <summary>device_area_is_invalid. A device of size 0 (a loop without a file) passes.</summary>
    private bool AreaIsInvalid(TableDevice device, Sectors start, Sectors length, QueueLimits limits)
    {
        ulong deviceSize = device.Device.Capacity.Value;
        if (deviceSize == 0)
            return false;
        string name = device.Device.Name;
        if (start.Value >= deviceSize || unchecked(start.Value + length.Value) > deviceSize)
        {
            Log.Refusal("table", $"{Owner.DeviceName}: {name} too small for target: start={start}, len={length}, "
                + $"dev_size={deviceSize}");
            return true;
        }
        uint blockSectors = limits.LogicalBlockSize >> Sectors.Shift;
        if (blockSectors <= 1)
            return false;
        foreach (var (what, value) in ((string, Sectors)[])[("start", start), ("len", length)])
        {
            if ((value.Value & (blockSectors - 1)) == 0)
                continue;
            Log.Refusal("table", $"{Owner.DeviceName}: {what}={value} not aligned to h/w logical block size "
                + $"{limits.LogicalBlockSize} of {name}");
            return true;
        }
        return false;
    }

    /// <summary>
    /// validate_hardware_logical_block_alignment: a bio of whole blocks that crosses from one line into the next must leave
    /// whole blocks of the next line's devices.
    /// </summary>
    private Errno ValidateLogicalBlockAlignment(QueueLimits limits)
    {
        ulong blockSectors = limits.LogicalBlockSize >> Sectors.Shift;
        ulong nextStart = 0, remaining = 0;
        int line = 0;
        for (; line < _targets.Count; line++)
        {
            var target = _targets[line];
            var ofTarget = target.HasIterateDevices ? StackDevices(target) : LimitsStacking.Unlimited;
            if (remaining < target.Length.Value
                && (remaining & ((ofTarget.LogicalBlockSize >> Sectors.Shift) - 1)) != 0)
                break;
            nextStart = unchecked(nextStart + target.Length.Value) & (blockSectors - 1);
            remaining = nextStart != 0 ? blockSectors - nextStart : 0;
        }
        if (remaining == 0)
            return Errno.None;
        var at = _targets[Math.Min(line, _targets.Count - 1)];
        Log.Refusal("table", $"{Owner.DeviceName}: table line {line} (start sect {at.Begin} len {at.Length}) "
            + $"not aligned to h/w logical block size {limits.LogicalBlockSize}");
        return Errno.EINVAL;
    }

    /// <summary>
    /// dm_table_set_restrictions: what the device offers given stacked limits; an operation that one line cannot do is switched
    /// off for all.
    /// </summary>
    /// <param name="kept">They are those of the table before, which this one takes over.</param>
    internal QueueLimits Restrict(QueueLimits limits, bool kept)
    {
        if (!All(t => t.NumDiscardBios != 0
            && (t.DiscardsSupported || AllDevices(t, static l => l.MaxDiscardSectors != 0))))
            limits = limits with
            {
                MaxDiscardSectors = 0,
                MaxHwDiscardSectors = 0,
                DiscardGranularity = 0,
                DiscardAlignment = 0,
                DiscardMisaligned = false,
            };
        if (!All(t => t.NumSecureEraseBios != 0 && AllDevices(t, static l => l.MaxSecureEraseSectors != 0)))
            limits = limits with { MaxSecureEraseSectors = 0 };
        if (!All(t => t.NumWriteZeroesBios != 0 && AllDevices(t, static l => l.MaxWriteZeroesSectors != 0)))
            limits = limits with { MaxWriteZeroesSectors = 0 };
        bool validated = Kernel.Profile.Has(Profiles.KernelRule.LimitsValidated);
        if (validated)
        {
            limits = limits with
            {
                DiscardGranularity = limits.MaxDiscardSectors == 0 ? 0 : Math.Max(limits.DiscardGranularity, limits.PhysicalBlockSize),
                AlignmentOffset = limits.AlignmentOffset & (limits.PhysicalBlockSize - 1),
                Misaligned = limits.Misaligned && limits.AlignmentOffset == 0,
            };
        }
        if (validated)
            return InheritFeatures(limits.WithLargestIo(Kernel.Profile), kept);
        bool writeCache = SupportsFlush(static l => l.WriteCache);
        return limits with
        {
            WriteCache = writeCache,
            Fua = writeCache && SupportsFlush(static l => l.Fua),
            NonRotational = !Any(t => AnyDevice(t, static l => !l.NonRotational)),
        };
    }

    /// <summary>
    /// Where features are limits too (<see cref="Profiles.KernelRule.LimitsValidated"/>): what one device below has, the whole has, whether its
    /// line passes it on or not (BLK_FEAT_INHERIT_MASK, include/linux/blkdev.h, 6.11), and a line that flushes by itself has both.
    /// </summary>
    private QueueLimits InheritFeatures(QueueLimits limits, bool kept)
    {
        bool flushes = SupportsFlush(static _ => false);
        bool writeCache = flushes || Any(t => AnyDevice(t, static l => l.WriteCache)) || (kept && limits.WriteCache);
        return limits with
        {
            WriteCache = writeCache,
            Fua = writeCache && (flushes || Any(t => AnyDevice(t, static l => l.Fua)) || (kept && limits.Fua)),
            NonRotational = !Any(t => AnyDevice(t, static l => !l.NonRotational)) && (!kept || limits.NonRotational),
        };
    }

    /// <summary>
    /// dm_table_has_no_data_devices: every line says which devices it uses, and uses none. False where a line cannot say.
    /// </summary>
    internal bool HasNoDataDevices => All(t => t.HasIterateDevices && !AnyDevice(t, static _ => true));

    /// <summary>dm_table_supports_flush: one line that flushes and has something to flush is enough.</summary>
    private bool SupportsFlush(Func<QueueLimits, bool> capable) =>
        Any(t => t.NumFlushBios != 0 && (t.FlushSupported || AnyDevice(t, capable)));

    private static bool AnyDevice(Target target, Func<QueueLimits, bool> has) =>
        target.HasIterateDevices && target.IterateDevices((device, _, _) => has(device.Device.Limits));

    private static bool AllDevices(Target target, Func<QueueLimits, bool> has) =>
        target.HasIterateDevices && !target.IterateDevices((device, _, _) => !has(device.Device.Limits));

    /// <summary>Of the devices that the lines say they use.</summary>
    internal bool AnyBelow(Func<BlockDevice, bool> has) => Any(t => t.HasIterateDevices && t.IterateDevices((device, _, _) => has(device.Device)));

    private bool Any(Predicate<Target> predicate) => _targets.Exists(predicate);

    private bool All(Predicate<Target> predicate) => _targets.TrueForAll(predicate);
}
