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

    public Action? InterruptRaised
    {
        set => Kernel.Interrupts.Raised = value;
    }

    public void HandleInterrupts()
    {
        if (Kernel.Interrupts.IsQuiet)
            return;
        Kernel.Interrupts.Handle();
        Kernel.Work.Drain();
    }

    public IReadOnlyList<IBlockDeviceInfo> BlockDevices =>
        [.. Kernel.Devices.Live.OrderBy(device => device.Whole.Number).ThenBy(device => device.StartSector).Select(device => new BlockDeviceInfo(device))];

    public IReadOnlyList<ModuleInfo> Modules => KernelModules.Of(Kernel);

    public Errno OpenNode(DeviceNumber device, OpenMode mode, out IDeviceNode? handle)
    {
        var errno = OpenDevice.Open(Kernel, device, mode, out var opened);
        handle = (IDeviceNode?)opened;
        Kernel.Work.Drain();
        return errno;
    }

    public Errno LoopControl(uint request, ulong argument, out int result) => Kernel.Loops.Control(request, argument, out result);

    /// <summary>Puts an event number in place that was reached on another machine, of which this one takes over the devices.</summary>
    public void RestoreEventNr(DeviceNumber device, uint eventNr)
    {
        if (Kernel.Devices.FindMapped(device) is { } mapped)
            mapped.EventNr = eventNr;
    }

    /// <summary>sync_bdevs (block/bdev.c, 6.1): all that has been opened, the youngest device first.</summary>
    public async ValueTask SyncAsync()
    {
        foreach (var device in Kernel.Devices.Live.Reverse().ToList())
            device.Cache?.Writeback.Start(BioFlags.None);
        Kernel.Work.Drain();
        foreach (var device in Kernel.Devices.Live.Reverse().ToList())
        {
            if (device.Cache is { } cache)
                await cache.Writeback.SyncAsync();
        }
        Kernel.Work.Drain();
    }
}
