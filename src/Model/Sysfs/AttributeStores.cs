using System.Globalization;
using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Profiles;

namespace DmSim.Model.Sysfs;

/// <summary>What writing to the files of a device does (of "queue" block/blk-sysfs.c, block/elevator.c, 6.1). Answers EINVAL for what it cannot be set to.</summary>
internal static class AttributeStores
{
    /// <summary>BLKDEV_MIN_RQ.</summary>
    private const uint FewestRequests = 4;

    /// <summary>queue_var_store: a decimal number of 32 bits.</summary>
    private static bool IsNumber(string text, out uint number) =>
        uint.TryParse(text.TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static Func<BlockDevice, string, Errno> Number(Func<BlockDevice, uint, Errno> set) =>
        (device, text) => IsNumber(text, out uint number) ? set(device, number) : Errno.EINVAL;

    private static Func<BlockDevice, string, Errno> Flag(Action<BlockDevice, bool> set) => Number((device, number) =>
    {
        set(device, number != 0);
        return Errno.None;
    });

    /// <summary>By the path of the file.</summary>
    public static IReadOnlyDictionary<string, Func<BlockDevice, string, Errno>> ByPath { get; } = new Dictionary<string, Func<BlockDevice, string, Errno>>
    {
        ["bdi/max_ratio"] = Number(static (device, percent) => SetRatios(device, device.Queue.MinRatio, percent)),
        ["bdi/min_ratio"] = Number(static (device, percent) => SetRatios(device, percent, device.Queue.MaxRatio)),
        ["bdi/read_ahead_kb"] = SetReadAhead,
        ["integrity/read_verify"] = IntegrityFlag(static (device, on) => device.Queue.VerifiesReads = on),
        ["integrity/write_generate"] = IntegrityFlag(static (device, on) => device.Queue.GeneratesForWrites = on),
        ["power/autosuspend_delay_ms"] = static (_, _) => Errno.EIO,
        ["power/control"] = SetPower,
        ["queue/add_random"] = Flag(static (device, on) => device.Queue.AddRandom = on),
        ["queue/discard_max_bytes"] = SetDiscardMax,
        ["queue/io_poll"] = SetPoll,
        ["queue/io_poll_delay"] = static (device, _) => device.Kernel.Profile.Has(KernelRule.LimitsValidated) ? Errno.None : Errno.EINVAL,
        ["queue/iostats"] = Flag(static (device, on) => device.Queue.CountsIo = on),
        ["queue/max_sectors_kb"] = Number(SetMaxSectors),
        ["queue/nomerges"] = Number(static (device, number) =>
        {
            device.Queue.NoMerges = number == 2 ? 2 : Math.Min(number, 1);
            return Errno.None;
        }),
        ["queue/nr_requests"] = Number(SetRequests),
        ["queue/read_ahead_kb"] = SetReadAhead,
        ["queue/rotational"] = Flag(static (device, on) => device.ChangeLimits(limits => limits with { NonRotational = !on })),
        ["queue/rq_affinity"] = Number(static (device, number) =>
        {
            device.Queue.Affinity = Math.Min(number, 2);
            return Errno.None;
        }),
        ["queue/scheduler"] = SetScheduler,
        ["queue/stable_writes"] = Flag(static (device, on) => device.Queue.StableWrites = on),
        ["queue/wbt_lat_usec"] = SetWritebackLatency,
        ["queue/write_cache"] = SetWriteCache,
    };

    private static Errno SetPower(BlockDevice device, string text)
    {
        string word = text.TrimEnd('\n');
        if (word is not ("auto" or "on"))
            return Errno.EINVAL;
        device.Queue.Power = word;
        return Errno.None;
    }

    /// <summary>read_ahead_kb_store (mm/backing-dev.c) and queue_ra_store.</summary>
    private static Errno SetReadAhead(BlockDevice device, string text)
    {
        if (!ulong.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong kilobytes))
            return Errno.EINVAL;
        device.ReadAheadPages = kilobytes >> 2;
        return Errno.None;
    }

    /// <summary>max_ratio_store, min_ratio_store (mm/backing-dev.c).</summary>
    private static Errno SetRatios(BlockDevice device, uint min, uint max)
    {
        if (max > 100 || min > max || min >= 100)
            return Errno.EINVAL;
        (device.Queue.MinRatio, device.Queue.MaxRatio) = (min, max);
        return Errno.None;
    }

    /// <summary>
    /// read_verify_store, flag_store (block/blk-integrity.c): what is no number is 0 to 6.1 (simple_strtoul). 7.3 takes the number, and that a device without integrity data has none of it stays as
    /// it is (blk_validate_integrity_limits).
    /// </summary>
    private static Func<BlockDevice, string, Errno> IntegrityFlag(Action<BlockDevice, bool> set) => (device, text) =>
    {
        bool isNumber = ulong.TryParse(text.TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out ulong number);
        bool validated = device.Kernel.Profile.Has(KernelRule.LimitsValidated);
        if (!isNumber && validated)
            return Errno.EINVAL;
        if (!validated || device.Kernel.Profile.Has(KernelRule.IntegrityUnlessRefused))
            set(device, number != 0);
        return Errno.None;
    };

    private static Errno SetMaxSectors(BlockDevice device, uint kilobytes)
    {
        if (device.Kernel.Profile.Has(KernelRule.LimitsValidated))
            return SetMaxUserSectors(device, unchecked(kilobytes << 1));
        if (kilobytes > device.Limits.MaxHwSectors >> 1 || kilobytes < QueueLimits.PAGE_SIZE >> 10)
            return Errno.EINVAL;
        device.ChangeLimits(limits => limits with { MaxSectors = kilobytes << 1 });
        return Errno.None;
    }

    /// <summary>queue_max_sectors_store, 6.12: what is more than the hardware can do is cut, and 0 is what nobody has set.</summary>
    private static Errno SetMaxUserSectors(BlockDevice device, uint sectors)
    {
        if (sectors is > 0 and < QueueLimits.PAGE_SECTORS)
            return Errno.EINVAL;
        device.ChangeLimits(limits => (limits with { MaxUserSectors = sectors }).WithLargestIo(device.Kernel.Profile));
        return Errno.None;
    }

    private static Errno SetDiscardMax(BlockDevice device, string text)
    {
        if (!ulong.TryParse(text.TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out ulong bytes)
            || (bytes & unchecked(device.Limits.DiscardGranularity - 1UL)) != 0 || bytes >> Sectors.Shift > uint.MaxValue)
            return Errno.EINVAL;
        uint sectors = (uint)Math.Min(bytes >> Sectors.Shift, device.Limits.MaxHwDiscardSectors);
        // blk_validate_limits: who does not discard has no granularity, and so none that a later size could keep to.
        bool forgets = sectors == 0 && device.Kernel.Profile.Has(KernelRule.LimitsValidated);
        device.ChangeLimits(limits => limits with { MaxDiscardSectors = sectors, DiscardGranularity = forgets ? 0 : limits.DiscardGranularity });
        return Errno.None;
    }

    /// <summary>blk_mq_update_nr_requests: a device without requests has none to set.</summary>
    private static Errno SetRequests(BlockDevice device, uint number)
    {
        if (device is not RequestDevice || number > RequestDevice.Tags)
            return Errno.EINVAL;
        device.Queue.Requests = Math.Max(number, FewestRequests);
        return Errno.None;
    }

    /// <summary>elv_iosched_store. A device without requests has no scheduler, and takes any word.</summary>
    private static Errno SetScheduler(BlockDevice device, string text)
    {
        if (device is not RequestDevice)
            return Errno.None;
        // A scheduler that is a module has to be loaded first, and no machine here has it.
        bool isModule = device.Kernel.Profile.Has(KernelRule.RequestFilesOfRequests);
        if (text.Trim() is not ("none" or "mq-deadline") || (isModule && text.Trim() != "none"))
            return Errno.EINVAL;
        device.Queue.Scheduler = text.Trim();
        return Errno.None;
    }

    /// <summary>queue_poll_store: what it is depends on the driver alone. Where a queue can be polled, the log says so.</summary>
    private static Errno SetPoll(BlockDevice device, string text)
    {
        if (!BlockAttributes.Polls(device))
            return Errno.EINVAL;
        device.Kernel.RateLimits.Write("queue_poll_store", 6, "writes to the poll attribute are ignored.");
        device.Kernel.RateLimits.Write("queue_poll_store:2", 6, "please use driver specific parameters instead.");
        return Errno.None;
    }

    /// <summary>queue_wb_lat_store: -1 asks for the default, which has to do with platters (wbt_default_latency_nsec).</summary>
    private static Errno SetWritebackLatency(BlockDevice device, string text)
    {
        if (!long.TryParse(text.TrimEnd('\n'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long latency) || latency < -1)
            return Errno.EINVAL;
        device.Queue.WritebackLatency = latency >= 0 ? (ulong)latency : device.Limits.NonRotational ? 2000UL : 75000;
        return Errno.None;
    }

    private static Errno SetWriteCache(BlockDevice device, string text)
    {
        bool back = text.StartsWith("write back", StringComparison.Ordinal);
        if (!back && !text.StartsWith("write through", StringComparison.Ordinal) && !text.StartsWith("none", StringComparison.Ordinal))
            return Errno.EINVAL;
        device.ChangeLimits(limits => limits with { WriteCache = back });
        return Errno.None;
    }
}
