using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators;

/// <summary>What a rule sees when it makes up an operation: the reference machine as it is now, the case's features, and its choices.</summary>
public sealed class Scene(World world, Swarm swarm, int step, Choices choices, DanglingMetadata? dangling = null)
{
    /// <summary>Devices that must not be renamed now.</summary>
    public DanglingMetadata Dangling { get; } = dangling ?? new DanglingMetadata();

    public World World => world;
    public Swarm Swarm => swarm;
    public Choices Choices => choices;

    /// <summary>Number of the operation in the case, from 1; gives writes their pattern.</summary>
    public int Step => step;

    public ValueList<DeviceState> Devices => world.Devices;

    public bool Has(Func<DeviceState, bool> where)
    {
        foreach (var device in world.Devices)
        {
            if (where(device))
                return true;
        }
        return false;
    }

    /// <summary>Any of the devices that fit, or null.</summary>
    public DeviceState? Any(Func<DeviceState, bool>? where = null)
    {
        int count = 0;
        foreach (var device in world.Devices)
            count += where?.Invoke(device) == false ? 0 : 1;
        if (count == 0)
            return null;
        int at = choices.Below(count);
        foreach (var device in world.Devices)
        {
            if (where?.Invoke(device) != false && at-- == 0)
                return device;
        }
        throw new InvalidOperationException("devices changed while drawing");
    }

    /// <summary>One that fits the wish if there is any and the die agrees, else any.</summary>
    public DeviceState? Preferably(Func<DeviceState, bool> wish, int percent = 85) =>
        (choices.Percent(percent) ? Any(wish) : null) ?? Any();

    /// <summary>By name, by uuid when it has one, or by number.</summary>
    public DeviceRef Ref(DeviceState device)
    {
        if (choices.Percent(swarm.ByNamePercent) && device.Name.Length > 0)
            return DeviceRef.ByName(device.Name);
        if (device.Uuid.Length > 0 && choices.Percent(50))
            return DeviceRef.ByUuid(device.Uuid);
        return DeviceRef.ByNumber(device.Number);
    }

    /// <summary>The first name of the pool that no device has, or any that is free.</summary>
    public string? FreeName() => Free(Naming.Name, name => Has(device => device.Name == name));

    public string? FreeUuid() => Free(Naming.Uuid, uuid => Has(device => device.Uuid == uuid));

    private string? Free(Func<int, string> make, Func<string, bool> taken)
    {
        int from = choices.Percent(70) ? 0 : choices.Below(Naming.MaxDevices);
        for (int i = 0; i < Naming.MaxDevices; i++)
        {
            string text = make((from + i) % Naming.MaxDevices);
            if (!taken(text))
                return text;
        }
        return null;
    }

    /// <summary>The smallest handle that is not in use.</summary>
    public int FreeHandle()
    {
        int handle = 1;
        while (world.Handles.Any(h => h.Handle == handle))
            handle++;
        return handle;
    }

    public bool IsPendingOn(DeviceNumber device) => world.Pending.Any(pending => pending.Device == device);

    /// <summary>Capacity of a device that a table line can be put on.</summary>
    public Sectors SizeOf(DeviceNumber device)
    {
        if (world.Find(device) is { } mapped)
            return mapped.Size;
        foreach (var loop in world.Loops)
        {
            if (loop.Number == device)
                return loop.Size.ToSectorsFloor();
        }
        return Sectors.Zero;
    }

    /// <summary>Whether a table of <paramref name="upper"/>, live or inactive, rests on the lower device, at any depth.</summary>
    public bool RestsOn(DeviceNumber upper, DeviceNumber lower) => RestsOn(upper, lower, depth: 0);

    private bool RestsOn(DeviceNumber upper, DeviceNumber lower, int depth)
    {
        if (upper == lower)
            return true;
        if (depth > Naming.MaxDevices || world.Find(upper) is not { } device)
            return false;
        return device.LiveDeps.Any(below => RestsOn(below, lower, depth + 1))
            || device.InactiveDeps.Any(below => RestsOn(below, lower, depth + 1));
    }

    /// <summary>How many tables lie on each other below the device, itself included.</summary>
    public int DepthOf(DeviceNumber device) => DepthOf(device, 0);

    private int DepthOf(DeviceNumber number, int depth)
    {
        if (depth > Naming.MaxDevices || world.Find(number) is not { } device)
            return 0;
        int below = 0;
        foreach (var dependency in device.LiveDeps)
            below = Math.Max(below, DepthOf(dependency, depth + 1));
        return below + 1;
    }
}
