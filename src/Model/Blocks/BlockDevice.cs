using DmSim.Abi;

namespace DmSim.Model.Blocks;

/// <summary>A block device of the simulated machine: a loop device or a mapped device.</summary>
public abstract class BlockDevice
{
    protected BlockDevice(DeviceNumber number, string name)
    {
        Number = number;
        Name = name;
    }

    public DeviceNumber Number { get; }

    /// <summary>Kernel name: loop0, dm-3.</summary>
    public string Name { get; }

    /// <summary>Capacity as the block layer sees it (get_capacity).</summary>
    public abstract Sectors Capacity { get; }

    public abstract bool ReadOnly { get; }

    /// <summary>The queue limits in force; a stacked device's are computed from its table.</summary>
    public abstract QueueLimits Limits { get; }

    /// <summary>Opens for user space or for a table. The device counts it until the matching <see cref="Put"/>.</summary>
    /// <param name="mode">As open(2).</param>
    /// <param name="holder">Who claims it exclusively (FMODE_EXCL), or null. One holder may claim several times.</param>
    public abstract Errno Get(OpenMode mode, object? holder);

    public abstract void Put(OpenMode mode, object? holder);

    /// <summary>
    /// submit_bio: checks what the block layer checks (end of device, operation supported), then hands the bio to the device.
    /// It may complete before this returns, or at a later virtual instant.
    /// </summary>
    public abstract void Submit(Bio bio);
}
