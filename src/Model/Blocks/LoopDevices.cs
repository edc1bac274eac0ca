using DmSim.Abi;
using DmSim.Model.Blocks.Partitions;
using DmSim.Model.Machine;

namespace DmSim.Model.Blocks;

/// <summary>The loop driver: its devices, and what user space does to them (drivers/block/loop.c, 6.1).</summary>
public sealed partial class LoopDevices : ILoopDevices
{
    /// <summary>CONFIG_BLK_DEV_LOOP_MIN_COUNT: devices that are there from the start.</summary>
    public const int InitialCount = 8;

    /// <summary>tmpfs takes no larger file (MAX_LFS_FILESIZE).</summary>
    private const ulong MaxFileLength = long.MaxValue;

    private readonly SimulatedKernel _kernel;

    internal ExtendedMinors PartitionMinors { get; } = new();

    internal LoopDevices(SimulatedKernel kernel)
    {
        _kernel = kernel;
        for (int i = 0; i < InitialCount; i++)
            kernel.Devices.Add(new LoopDevice(kernel, i));
        kernel.Devices.SetProbe(DeviceNumber.LoopMajor, minor => Add((int)minor));
    }

    public ValueTask<Errno> AttachAsync(int index, ulong size, bool readOnly, uint blockSize = 0) =>
        Result(size > MaxFileLength ? Errno.EINVAL : Attach(index, new SparseStore(size), readOnly, blockSize));

    public ValueTask<Errno> DetachAsync(int index) => Result(Find(index)?.Detach() ?? Errno.ENXIO);

    public ValueTask<Errno> ResizeAsync(int index, ulong size) =>
        Result(size > MaxFileLength ? Errno.EINVAL : Find(index)?.Resize(size) ?? Errno.ENXIO);

    /// <summary>Attaches a store that comes from outside, such as a file of the host.</summary>
    public Errno Attach(int index, BackingStore store, bool readOnly, uint blockSize = 0)
    {
        if (index is < 0 or > (int)DeviceNumber.MaxMinor)
            return Errno.EINVAL;
        return (Find(index) ?? Add(index)).Attach(store, readOnly, blockSize);
    }

    /// <summary>The device, or null.</summary>
    public LoopDevice? Find(int index) =>
        index < 0 ? null : (LoopDevice?)_kernel.Devices.Find(DeviceNumber.Loop(index));

    /// <summary>loop_add.</summary>
    private LoopDevice Add(int index)
    {
        var device = new LoopDevice(_kernel, index);
        _kernel.Devices.Add(device);
        _kernel.Uevents.Send("add", device.Name);
        return device;
    }

    private ValueTask<Errno> Result(Errno errno)
    {
        _kernel.Work.Drain();
        return new ValueTask<Errno>(errno);
    }
}
