using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Sysfs;

namespace DmSim.Model.Machine;

/// <summary>The machine as real programs live on it.</summary>
public sealed partial class ModelMachine : IHostedMachine
{
    public string KernelTag => Kernel.Profile.Tag;

    public string CallerName
    {
        set => Kernel.CommandName = value;
    }

    public Func<string, (Errno Errno, DeviceNumber Number)>? PathLookup
    {
        set => Kernel.PathLookup = value;
    }

    public TimeSpan? NextTimer => Kernel.Time.NextTimer;

    public IReadOnlyList<IBlockDeviceInfo> BlockDevices => [.. Kernel.Devices.Live.Select(device => new BlockDeviceInfo(device))];

    public Errno OpenNode(DeviceNumber device, OpenMode mode, out IDeviceNode? handle)
    {
        var errno = OpenDevice.Open(Kernel, device, mode, out var opened);
        handle = (IDeviceNode?)opened;
        Kernel.Work.Drain();
        return errno;
    }

    public Errno LoopControl(uint request, ulong argument, out int result) => Kernel.Loops.Control(request, argument, out result);

    public ValueTask SyncAsync() => ValueTask.CompletedTask;
}
