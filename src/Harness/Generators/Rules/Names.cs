using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Generators.Rules;

/// <summary>Names and uuids out of the ordinary.</summary>
internal static class Names
{
    /// <summary>Strange, but the kernel takes it.</summary>
    public static string Odd(Choices choices) => choices.Pick(
        " ", ".", "..", "a b", "d0 ", "\t", "\x7f", "\xff\xfe", "{d0}", "d0\\", "control", "%s%n", "\"", "\n",
        new string('n', 126), new string('n', DmIoctl.DM_NAME_LEN - 1));

    /// <summary>The kernel does not take it as a name (check_name, dev_rename: drivers/md/dm-ioctl.c, 6.1).</summary>
    public static string Refused(Choices choices) => choices.Pick("", "/", "a/b", "d0/", new string('/', 5));

    /// <summary>Fills the field to its end or beyond: cut by the ioctl's field on creation, refused by a rename.</summary>
    public static string TooLong(Choices choices) => new('x', choices.Pick(128, 129, 130, 200));

    /// <summary>A reference to nothing.</summary>
    public static DeviceRef Missing(Scene scene)
    {
        string name = Naming.Name(scene.Choices.Below(Naming.MaxDevices));
        if (scene.Has(device => device.Name == name))
            name = "nosuch";
        return scene.Choices.Below(8) switch
        {
            0 => DeviceRef.ByUuid("NOSUCH"),
            1 => DeviceRef.ByNumber(DeviceNumber.Dm((uint)scene.Choices.Between(20, 40))),
            2 => DeviceRef.Loop(0),
            3 => DeviceRef.None,
            4 => DeviceRef.ByName(""),
            5 => DeviceRef.ByName(TooLong(scene.Choices)),
            _ => DeviceRef.ByName(name),
        };
    }

    /// <summary>
    /// A device named in more than one way at once, which __find_device_hash_cell and validate_params refuse in their own ways; or an
    /// existing device under a name that only looks like its own.
    /// </summary>
    public static DeviceRef Confused(Scene scene)
    {
        if (scene.Any() is not { } device)
            return Missing(scene);
        string uuid = device.Uuid.Length > 0 ? device.Uuid : "U0";
        return scene.Choices.Below(5) switch
        {
            0 => new DeviceRef(device.Name, uuid, null),
            1 => new DeviceRef(device.Name, null, device.Number),
            2 => new DeviceRef(null, uuid, device.Number),
            3 => new DeviceRef(device.Name, uuid, device.Number),
            _ => DeviceRef.ByName(device.Name + " "),
        };
    }
}
