using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Fuzzing.Programs;

/// <summary>Something that is known to bring a kernel down or to tell nothing, so that it is not sent.</summary>
/// <param name="Name">Short and unique.</param>
/// <param name="Reason">What happens, and where in the kernel.</param>
public sealed record KernelHazard(string Name, string Reason)
{
    /// <summary>Whether it is in a line of a table.</summary>
    public Predicate<TableLine>? InLine { get; init; }

    /// <summary>Whether it is in the lines of a table taken together; told the operation that loads them.</summary>
    public Func<Operation, IReadOnlyList<TableLine>, bool>? InTable { get; init; }

    /// <summary>Whether it is in an operation, whatever tables that has.</summary>
    public Predicate<Operation>? InOperation { get; init; }

    /// <summary>No danger where the table is only loaded.</summary>
    public bool OnlyWhenRun { get; init; }
}

/// <summary>All that the fuzzer keeps away from, by name. Everything else that happens is reported.</summary>
public static class KernelHazards
{
    private const uint MostData = 1 << 20;
    private const ulong LongLine = 1 << 26;
    private const uint MostTargets = 4096;

    private static readonly string[] KeepsRegions = ["switch", "mirror", "raid", "era", "clone", "cache"];

    /// <summary>The devices that programs load tables into, as a table can name them.</summary>
    private static readonly string[] OnSubject = ["254:0", "dm-0", "mapper/", "fe00000000"];

    public static IReadOnlyList<KernelHazard> All { get; } =
    [
        new("stripes-from-2^31",
            "2 + 2 * stripes wraps to a small number, the argument count agrees, and the allocation of the stripes makes the kernel WARN (stripe_ctr, drivers/md/dm-stripe.c, 6.1)")
        {
            InLine = line => line.Type == "striped" && FirstNumber(line) is >= 1u << 31,
        },
        new("writecache-without-dax",
            "a cache of persistent memory on a device that has none: the constructor looks into a dax device that is not there (writecache_ctr calls dax_synchronous with NULL, "
            + "drivers/md/dm-writecache.c, 6.1) and the kernel oopses")
        {
            InLine = line => line.Type == "writecache" && line.Parameters.TrimStart().StartsWith("p", StringComparison.OrdinalIgnoreCase),
        },
        new("crypt-integrity-without-profile",
            "\"integrity:16\" without a colon and a profile behind it: what is compared with \"aead\" lies at address 1 (crypt_ctr_optional, drivers/md/dm-crypt.c, 6.1 to 7.3), "
            + "and the kernel oopses")
        {
            InLine = static line => line.Type == "crypt" && Words(line)
                .Any(static word => word.StartsWith("integrity:", StringComparison.Ordinal) && !word["integrity:".Length..].Contains(':', StringComparison.Ordinal)),
        },
        new("crypt-tags-without-profile",
            "\"integrity:16:none\" in a mode that keeps nothing in the tags asks nobody whether the device below has room for them, and the first read calls a function that it has not "
            + "(crypt_ctr, crypt_integrity_ctr, drivers/md/dm-crypt.c; blk_update_request, block/blk-mq.c, 6.1)")
        {
            OnlyWhenRun = true,
            InLine = static line => line.Type == "crypt" && Words(line)
                .Any(static word => word.StartsWith("integrity:", StringComparison.Ordinal) && word.EndsWith(":none", StringComparison.OrdinalIgnoreCase)),
        },
        new("crypt-of-many-keys",
            "a power of two of keys (\"aes:2147483648\") of any size is taken, and an array of so many asked for: above 4 MiB the allocator WARNs (crypt_alloc_tfms_skcipher, "
            + "drivers/md/dm-crypt.c, 6.1)")
        {
            InLine = static line => line.Type == "crypt" && Words(line) is [var cipher, ..] && cipher.Split(':', '-') is [_, var keys, ..]
                && uint.TryParse(keys, NumberStyles.None, CultureInfo.InvariantCulture, out uint count) && count > MostKeys,
        },
        new("opened-again-for-writing",
            "a device that one line of a table has opened for reading, and a later line opens for writing, is opened anew, and the first line is left with a pointer to freed memory: "
            + "when the table goes the name in the log may be another device's, or the kernel oopses (upgrade_mode, dm_put_device, drivers/md/dm-table.c; snapshot_dtr, "
            + "drivers/md/dm-snap.c, 6.1 to 7.3)")
        {
            InTable = IsOpenedAgain,
        },
        new("one-device-twice",
            "a device that one constructor opens for reading, and then by another name for writing too, leaves it with a pointer to freed memory (upgrade_mode, drivers/md/dm-table.c; "
            + "thin_ctr, pool_ctr, drivers/md/dm-thin.c, 6.1)")
        {
            InLine = IsOneDeviceTwice,
        },
        new("chunks-over-memory",
            "a store of exceptions takes three chunks of memory at once: what one of many megabytes succeeds in is by how much memory the guest has, and when it has just as "
            + "much it panics (alloc_area, drivers/md/dm-snap-persistent.c, 6.1)")
        {
            InLine = IsOfLargeChunks,
        },
        new("arrays-of-md",
            "numbers of major 9, also as boot loaders wrote them (\"922\"), make the arrays that they name where md is there, as dm-raid has it (md_probe, drivers/md/md.c, 6.1); "
            + "no model has them")
        {
            InLine = line => Words(line).Any(IsOfMd),
        },
        new("verity-ends-the-machine",
            "asked to, verity restarts or panics the machine at the first block that does not match (verity_handle_err, drivers/md/dm-verity-target.c, 6.1)")
        {
            OnlyWhenRun = true,
            InLine = line => line.Parameters.Contains("_on_corruption", StringComparison.Ordinal),
        },
        new("on-itself",
            "a table on its own device is taken (dm_get_device asks no more than that it can be opened); I/O then goes round for ever")
        {
            OnlyWhenRun = true,
            InLine = line => OnSubject.Any(name => line.Parameters.Contains(name, StringComparison.Ordinal)),
        },
        new("regions-of-a-long-line",
            "a constructor that keeps something of each region takes memory by the length of its line and writes all of it without a rest, long before the device is found too "
            + "small: 2^32 sectors of switch with regions of 128 keep a CPU for half a minute of emulation (alloc_region_table, switch_ctr, drivers/md/dm-switch.c; create_log_context, "
            + "drivers/md/dm-log.c, 6.1)")
        {
            InLine = line => line.Length.Value > LongLine && KeepsRegions.Contains(line.Type),
        },
        new("waits",
            "nothing but a signal ends a wait for an event of a device that never had a table, and its removal waits for that (dm_wait_event, __dm_destroy, drivers/md/dm.c, 6.1)")
        {
            InOperation = operation => operation is Operation.Wait || operation is Operation.RawIoctl raw && (DmCommand)(raw.Request & 0xff) == DmCommand.DM_DEV_WAIT,
        },
        new("lists-of-targets",
            "the fuzzer's guest has targets that no model has, and lists them")
        {
            InOperation = operation => operation is Operation.RawIoctl raw && (DmCommand)(raw.Request & 0xff) is DmCommand.DM_LIST_VERSIONS or DmCommand.DM_GET_TARGET_VERSION,
        },
        new("data-size-over-memory",
            "a data_size of megabytes succeeds or fails by how much memory the guest has free (copy_params, drivers/md/dm-ioctl.c, 6.1)")
        {
            InOperation = operation => Header(operation) is { DataSize: > MostData and <= DmRequest.MaxDataSize },
        },
        new("targets-over-memory",
            "a target count of many thousands is refused or not by how much memory the guest has free (dm_table_create, drivers/md/dm-table.c, 6.1)")
        {
            InOperation = operation => Header(operation) is { TargetCount: > MostTargets and <= 1 << 20 },
        },
    ];

    /// <param name="runs">Whether what is loaded is resumed, too.</param>
    public static KernelHazard? Find(Operation operation, bool runs)
    {
        var lines = Lines(operation);
        foreach (var hazard in All)
        {
            if ((runs || !hazard.OnlyWhenRun) && Is(hazard, operation, lines))
                return hazard;
        }
        return null;
    }

    private static bool Is(KernelHazard hazard, Operation operation, IReadOnlyList<TableLine> lines)
    {
        if (hazard.InOperation is { } inOperation)
            return inOperation(operation);
        if (hazard.InTable is { } inTable)
            return inTable(operation, lines);
        for (int i = 0; i < lines.Count; i++)
        {
            if (hazard.InLine!(lines[i]))
                return true;
        }
        return false;
    }

    /// <summary>The lines of a load; of damaged bytes those that the kernel can still read, in order.</summary>
    private static IReadOnlyList<TableLine> Lines(Operation operation)
    {
        if (operation is Operation.LoadTable load)
            return load.Lines;
        if (!ProgramMutator.IsLoad(operation) || Header(operation) is not { } header)
            return [];
        var bytes = ((Operation.RawIoctl)operation).Buffer.Span;
        DmTargetSpec.TryDecodeLoad(bytes[(int)Math.Min(header.DataStart, (uint)bytes.Length)..], header.TargetCount, out var lines, out _);
        return lines;
    }

    private static DmHeader? Header(Operation operation) => operation is Operation.RawIoctl raw && raw.Buffer.Count >= DmIoctl.Size
        && DmHeader.TryDecode(raw.Buffer.Span, out var header, out _) ? header : null;

    /// <summary>A thin volume whose origin is its pool; a pool that is read-only, with metadata and data on one device.</summary>
    private static bool IsOneDeviceTwice(TableLine line)
    {
        if (line.Type is not ("thin" or "thin-pool"))
            return false;
        string[] words = Words(line);
        return line.Type switch
        {
            "thin" => words.Length > 2 && Device(words[0]) == Device(words[2]),
            "thin-pool" => words.Length > 1 && Device(words[0]) == Device(words[1]),
            _ => false,
        };
    }

    private static bool IsReadOnly(Operation operation) => operation is Operation.LoadTable { ReadOnly: true }
        || Header(operation) is { } header && header.Has(DmFlags.DM_READONLY_FLAG);

    /// <summary>Whether a line asks for more of a device than an earlier line has opened it for.</summary>
    private static bool IsOpenedAgain(Operation operation, IReadOnlyList<TableLine> lines)
    {
        if (lines.Count < 2)
            return false;
        var ofTable = IsReadOnly(operation) ? Opening.Read : Opening.Read | Opening.Write;
        var opened = new Dictionary<string, Opening>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            foreach (var (device, wanted) in Openings(line, ofTable))
            {
                if (!opened.TryAdd(device, wanted) && !opened[device].HasFlag(wanted))
                    return true;
            }
        }
        return false;
    }

    [Flags]
    private enum Opening
    {
        Read = 1,
        Write = 2,
    }

    /// <summary>
    /// What a line opens: all with the table's own mode but the origin of a snapshot and the external one of a thin volume, which are only read, and
    /// the origin of a merge, which is only written (snapshot_ctr, thin_ctr).
    /// </summary>
    private static IEnumerable<(string Device, Opening Mode)> Openings(TableLine line, Opening ofTable)
    {
        string[] words = Words(line);
        for (int i = 0; i < words.Length; i++)
        {
            string device = Device(words[i]);
            if (!device.StartsWith("7:", StringComparison.Ordinal) && !device.StartsWith("254:", StringComparison.Ordinal))
                continue;
            yield return (device, (line.Type, i) switch
            {
                ("snapshot", 0) or ("thin", 2) => Opening.Read,
                ("snapshot-merge", 0) => Opening.Write,
                _ => ofTable,
            });
        }
    }

    private static string[] Words(TableLine line) => line.Parameters.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>One name for what has several: "7:0" for /dev/loop0 and "7:0:0", "254:0" for /dev/dm-0.</summary>
    private static string Device(string word)
    {
        // name_to_dev_t (init/do_mounts.c): a third number and what follows it mean nothing.
        if (word.Split(':') is [var major, var minor, _, ..])
            word = $"{major}:{minor}";
        string name = word[(word.LastIndexOf('/') + 1)..];
        return name.StartsWith("loop", StringComparison.Ordinal) ? "7:" + name[4..] : name.StartsWith("dm-", StringComparison.Ordinal) ? "254:" + name[3..] : name;
    }

    private static bool IsOfLargeChunks(TableLine line) => line.Type is "snapshot" or "snapshot-merge"
        && Words(line).ElementAtOrDefault(3) is { } chunk
        && uint.TryParse(chunk.TrimStart('+'), NumberStyles.None, CultureInfo.InvariantCulture, out uint sectors) && sectors > MostChunk;

    /// <summary>Pointers in 4 MiB.</summary>
    private const uint MostKeys = 1 << 19;

    /// <summary>16 MiB, in sectors.</summary>
    private const uint MostChunk = 1 << 15;

    private static bool IsOfMd(string word) => word.StartsWith("9:", StringComparison.Ordinal)
        || (word.Length is >= 3 and <= 8 && uint.TryParse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint number) && (number & 0xfff00) == 0x900);

    /// <summary>As "%u" reads it: what overflows 32 bits wraps.</summary>
    private static uint? FirstNumber(TableLine line)
    {
        string first = line.Parameters.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault("").TrimStart('+');
        return UInt128.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? (uint)(value & uint.MaxValue) : null;
    }
}
