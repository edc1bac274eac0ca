using DmSim.Abi;
using DmSim.Model.Blocks.Partitions;
using DmSim.Model.Machine;

namespace DmSim.Model.Blocks;

/// <summary>The loop driver: its devices, and what user space does to them (drivers/block/loop.c, 6.1).</summary>
public sealed class LoopDevices : ILoopDevices
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

    /// <summary>loop_control_ioctl.</summary>
    internal Errno Control(uint request, ulong argument, out int result)
    {
        result = 0;
        int index = unchecked((int)argument);
        switch ((BlockIoctl)request)
        {
            case BlockIoctl.LOOP_CTL_ADD:
                if (index >= 0 && Find(index) is not null)
                    return Errno.EEXIST;
                if (index > (int)DeviceNumber.MaxMinor)
                    return Errno.EINVAL;
                result = index >= 0 ? index : LowestFree();
                Add(result);
                return Errno.None;
            case BlockIoctl.LOOP_CTL_REMOVE:
                return Remove(index);
            case BlockIoctl.LOOP_CTL_GET_FREE:
                var free = Indices().FirstOrDefault(i => Find(i)!.Store is null, -1);
                result = free >= 0 ? free : LowestFree();
                if (free < 0)
                    Add(result);
                return Errno.None;
            default:
                return Errno.ENOSYS;
        }
    }

    private IEnumerable<int> Indices() =>
        _kernel.Devices.Live.Where(d => d.Number.Major == DeviceNumber.LoopMajor).Select(d => (int)d.Number.Minor);

    private int LowestFree()
    {
        int index = 0;
        while (Find(index) is not null)
            index++;
        return index;
    }

    /// <summary>loop_control_remove.</summary>
    private Errno Remove(int index)
    {
        if (index < 0)
        {
            if (!_warnedOfRemoval)
                _kernel.Log.Write(4, "loop: deleting an unspecified loop device is not supported.");
            _warnedOfRemoval = true;
            return Errno.EINVAL;
        }
        if (Find(index) is not { } device)
            return Errno.ENODEV;
        if (device.Store is not null || device.Openers > 0)
            return Errno.EBUSY;
        device.Partitions.DeleteAll();
        _kernel.Devices.Remove(device);
        _kernel.Uevents.Send("remove", device.Name);
        return Errno.None;
    }

    private bool _warnedOfRemoval;

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
