using System.Buffers.Binary;
using System.Globalization;

namespace DmSim.Abi;

/// <summary>One target type and its version, as "dmsetup targets" shows it.</summary>
public sealed record DmTargetVersion(string Name, uint Major, uint Minor, uint Patch)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} v{Major}.{Minor}.{Patch}");
}

/// <summary>
/// struct dm_target_versions, the reply of DM_LIST_VERSIONS and DM_GET_TARGET_VERSION. The kernel asks for up to 7 bytes more per
/// entry than it fills, and says so in data_size (list_version_get_needed, drivers/md/dm-ioctl.c, 6.1).
/// </summary>
public static class DmTargetVersions
{
    /// <summary>Bytes before the name.</summary>
    public const int Size = 16;

    public const int NextOffset = 0;
    public const int VersionOffset = 4;
    public const int NameOffset = 16;

    /// <summary>The bytes that the kernel wants free before it fills in this many entries.</summary>
    public static int NeededLength(IReadOnlyList<DmTargetVersion> versions)
    {
        int needed = 0;
        foreach (var version in versions)
            needed = checked(needed + Size + version.Name.Length + 1 + 7);
        return needed;
    }

    public static byte[] Encode(IReadOnlyList<DmTargetVersion> versions)
    {
        byte[] payload = new byte[NeededLength(versions)];
        int at = 0;
        for (int i = 0; i < versions.Count; i++)
        {
            var version = versions[i];
            int length = DmText.Align(Size + version.Name.Length + 1);
            var entry = payload.AsSpan(at);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[NextOffset..], i + 1 < versions.Count ? (uint)length : 0);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[VersionOffset..], version.Major);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[(VersionOffset + 4)..], version.Minor);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[(VersionOffset + 8)..], version.Patch);
            DmText.Put(version.Name, entry[NameOffset..]);
            at += length;
        }
        return payload;
    }

    public static bool TryDecode(ReadOnlySpan<byte> payload, out IReadOnlyList<DmTargetVersion> versions, out string reason)
    {
        var read = new List<DmTargetVersion>();
        versions = read;
        reason = "";
        int at = 0;
        while (payload.Length > 0)
        {
            var rest = payload[at..];
            if (rest.Length <= NameOffset)
                reason = $"{rest.Length} bytes left";
            else if (!DmText.TryGetTerminated(rest[NameOffset..], out string name))
                reason = "the name has no end";
            else
            {
                uint next = BinaryPrimitives.ReadUInt32LittleEndian(rest);
                read.Add(new DmTargetVersion(
                    name,
                    BinaryPrimitives.ReadUInt32LittleEndian(rest[VersionOffset..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(rest[(VersionOffset + 4)..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(rest[(VersionOffset + 8)..])));
                if (next == 0)
                    return true;
                if (next <= NameOffset + name.Length || next > (uint)rest.Length)
                    reason = $"the next one is said to start {next} bytes on";
                at += reason.Length == 0 ? (int)next : 0;
            }
            if (reason.Length > 0)
            {
                reason = $"entry {read.Count} at {at} of {payload.Length}: {reason}";
                return false;
            }
        }
        return true;
    }
}
