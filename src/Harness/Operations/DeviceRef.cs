using DmSim.Abi;

namespace DmSim.Harness.Operations;

/// <summary>
/// How an operation names a device: what goes into the name, uuid and dev fields of struct dm_ioctl. Usually one of the three;
/// several at once, or none, are legal data (the kernel refuses them, __find_device_hash_cell in drivers/md/dm-ioctl.c, 6.1).
/// </summary>
/// <remarks>Text of operations is Latin-1: one char is one byte of the ioctl buffer, so that any bytes can be said.</remarks>
public sealed record DeviceRef(string? Name, string? Uuid, DeviceNumber? Number)
{
    public static DeviceRef None { get; } = new(null, null, null);

    public static DeviceRef ByName(string name) => new(name, null, null);
    public static DeviceRef ByUuid(string uuid) => new(null, uuid, null);
    public static DeviceRef ByNumber(DeviceNumber number) => new(null, null, number);
    public static DeviceRef Loop(int index) => ByNumber(DeviceNumber.Loop(index));

    public static implicit operator DeviceRef(string name) => ByName(name);

    public DmSelector Selector => new(Name, Uuid, Number);
}

/// <summary>What I/O goes to: a handle that an earlier <see cref="Operation.Open"/> made, or a device opened for this one I/O.</summary>
public sealed record IoTarget(int? Handle, DeviceRef? Device)
{
    public static IoTarget OnHandle(int handle) => new(handle, null);
    public static IoTarget On(DeviceRef device) => new(null, device);

    public static implicit operator IoTarget(string name) => On(DeviceRef.ByName(name));
    public static implicit operator IoTarget(DeviceRef device) => On(device);
}

/// <summary>
/// The few names that generated sequences use. Few, so that sequences collide on them; short, so that reports can be read;
/// and numbered, so that a canonical order exists.
/// </summary>
public static class Naming
{
    public const int MaxDevices = 8;

    public static string Name(int index) => $"d{index}";
    public static string Uuid(int index) => $"U{index}";

    /// <summary>
    /// The name of a mapped device inside table parameters, in braces: replaced by its "major:minor" when the table is sent, so that
    /// a sequence stays meaningful when a shrinker takes out a device and minors move. An unknown name is sent as it stands.
    /// </summary>
    public static string InTable(string name) => "{" + name + "}";
}
