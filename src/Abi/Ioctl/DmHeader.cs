namespace DmSim.Abi;

/// <summary>struct dm_ioctl as a value: what a reply said.</summary>
public sealed record DmHeader(
    uint VersionMajor, uint VersionMinor, uint VersionPatch,
    uint DataSize, uint DataStart, uint TargetCount, int OpenCount, DmFlags Flags, uint EventNr,
    DeviceNumber Device, string Name, string Uuid)
{
    public bool Has(DmFlags flag) => (Flags & flag) == flag;

    /// <summary>False when the buffer is too short to hold a header.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> buffer, out DmHeader? header, out string reason)
    {
        header = null;
        reason = "";
        if (buffer.Length < DmIoctl.Size)
        {
            reason = $"{buffer.Length} bytes are no struct dm_ioctl, which has {DmIoctl.Size}";
            return false;
        }
        Span<byte> copy = stackalloc byte[DmIoctl.Size];
        buffer[..DmIoctl.Size].CopyTo(copy);
        var raw = new DmIoctl(copy);
        header = new DmHeader(
            raw.VersionMajor, raw.VersionMinor, raw.VersionPatch,
            raw.DataSize, raw.DataStart, raw.TargetCount, raw.OpenCount, raw.Flags, raw.EventNr,
            DeviceNumber.Decode(raw.Dev), DmText.Get(raw.NameField), DmText.Get(raw.UuidField));
        return true;
    }
}
