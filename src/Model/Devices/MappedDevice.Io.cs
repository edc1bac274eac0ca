using DmSim.Model.Blocks;
using DmSim.Model.Machine;

namespace DmSim.Model.Devices;

public sealed partial class MappedDevice
{
    private WaitQueue? _idle;

    /// <summary>dm_in_flight_bios: bios that were taken and have not been ended, deferred ones not counted.</summary>
    internal bool HasBiosInFlight => false;

    /// <summary>md->wait: woken whenever the last bio in flight ends. A suspend sleeps here.</summary>
    internal WaitQueue Idle => _idle ??= new WaitQueue(Kernel);

    /// <summary>dm_wq_work: submits the deferred bios again, in order, until the device blocks or none is left.</summary>
    private void SubmitDeferredBios()
    {
    }

    public override void Submit(Bio bio) => bio.End(BlkStatus.IoErr);
}
