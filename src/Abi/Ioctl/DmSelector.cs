namespace DmSim.Abi;

/// <summary>
/// How a request names its device: the name, uuid and dev fields of struct dm_ioctl. Usually one of the three; several, or
/// none, can be said too, and are refused by the kernel (__find_device_hash_cell, drivers/md/dm-ioctl.c, 6.1).
/// </summary>
public readonly record struct DmSelector(string? Name, string? Uuid = null, DeviceNumber? Number = null)
{
    public static DmSelector None => default;

    public static DmSelector ByName(string name) => new(name);
    public static DmSelector ByUuid(string uuid) => new(null, uuid);
    public static DmSelector ByNumber(DeviceNumber number) => new(null, null, number);

    public static implicit operator DmSelector(string name) => ByName(name);
    public static implicit operator DmSelector(DeviceNumber number) => ByNumber(number);

    public override string ToString() => string.Join(' ', Parts());

    private IEnumerable<string> Parts()
    {
        if (Name is not null)
            yield return Name;
        if (Uuid is not null)
            yield return $"uuid={Uuid}";
        if (Number is { } number)
            yield return number.ToString();
    }
}
