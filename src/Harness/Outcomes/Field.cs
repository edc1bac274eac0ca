namespace DmSim.Harness.Outcomes;

/// <summary>
/// Which visible property a value is of. In order of weight: when several differ in a step, the first names the divergence.
/// </summary>
public enum Field
{
    /// <summary>"pending", or "unsent" when the device that the operation names has no node; absent when it completed.</summary>
    Progress,
    /// <summary>errno of the open(2) that an I/O operation begins with.</summary>
    OpenErrno,
    Errno,
    Version,
    Dev,
    Name,
    Uuid,
    Flags,
    OpenCount,
    EventNr,
    TargetCount,
    Table,
    Status,
    Deps,
    Inactive,
    InactiveStatus,
    InactiveDeps,
    Listing,
    Targets,
    Message,
    /// <summary>What a file of sysfs says, without times.</summary>
    Attribute,
    /// <summary>dm_ioctl.data_size of the reply.</summary>
    DataSize,
    /// <summary>Digest of all bytes of the ioctl's reply.</summary>
    Bytes,
    /// <summary>Bytes that a read or write moved.</summary>
    Count,
    Size,
    Limits,
    /// <summary>Digest of what was read, or of the whole contents.</summary>
    Data,
    /// <summary>Pieces that could not be read, and why.</summary>
    Unreadable,
    /// <summary>How many blocks of a pool's metadata device are not zeros at the end of a case, and a digest of them.</summary>
    Metadata,
    Poll,
    Uevents,
    Log,
    /// <summary>Log lines that the observations of the step caused.</summary>
    LogOfLooking,
    /// <summary>errno of an observation that should have worked: info, table, status, deps, list.</summary>
    LookErrno,
}

public static class Fields
{
    private static readonly string[] Names = [.. Enum.GetValues<Field>().Select(Kebab)];
    private static readonly Dictionary<string, Field> ByName =
        Enum.GetValues<Field>().ToDictionary(field => Names[(int)field], StringComparer.Ordinal);

    /// <summary>"open-errno" for OpenErrno: the name in reports and traces.</summary>
    public static string NameOf(this Field field) => Names[(int)field];

    public static bool TryParse(string name, out Field field) => ByName.TryGetValue(name, out field);

    private static string Kebab(Field field) => string.Concat(field.ToString().Select((c, i) =>
        char.IsUpper(c) && i > 0 ? "-" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));
}
