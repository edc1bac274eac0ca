using DmSim.Abi;
using DmSim.Model.Ioctl;
using DmSim.Model.Profiles;
using DmSim.Model.Reasons;
using DmSim.Model.Sysfs;
using DmSim.Model.Targets;

namespace DmSim.Model.Machine;

/// <summary>The simulated machine behind <see cref="IMachine"/>. ModelMachine.Blocks.cs has its block devices.</summary>
public sealed partial class ModelMachine : IMachine
{
    private readonly ControlNode _control;

    /// <param name="profile">Which kernel release it runs.</param>
    /// <param name="targetTypes">Its target types, oldest first; all that DmSim has where none are given.</param>
    /// <param name="fairScheduler">As real programs live, not as the harness' guest (<see cref="SimulatedKernel.FairScheduler"/>).</param>
    public ModelMachine(KernelProfile profile, IReadOnlyList<TargetType>? targetTypes = null, bool fairScheduler = false)
    {
        Kernel = new SimulatedKernel(profile, targetTypes) { FairScheduler = fairScheduler };
        Clock = new ModelClock(Kernel);
        _control = new ControlNode(Kernel);
    }

    /// <summary>For white-box tests and for what the command line shows.</summary>
    public SimulatedKernel Kernel { get; }

    public IMachineClock Clock { get; }
    public IKernelLog Log => Kernel.Log;
    public IUevents Uevents => Kernel.Uevents;

    /// <summary>Who knows why the last request was refused; null as long as nobody has asked for it.</summary>
    public RefusalWatch? Refusals { get; private set; }

    /// <summary>From now on, <see cref="Refusals"/> knows.</summary>
    public RefusalWatch WatchRefusals() => Refusals ??= new RefusalWatch(Kernel);

    public ValueTask<Errno> ControlAsync(uint request, Memory<byte> buffer)
    {
        Refusals?.Begin();
        var work = _control.IoctlAsync(request, buffer);
        Kernel.Work.Drain();
        if (Refusals is null)
            return work;
        if (!work.IsCompletedSuccessfully)
            return RefuseLaterAsync(request, buffer, work);
        var errno = work.Result;
        Refusals.End(request, buffer.Span, errno);
        return new ValueTask<Errno>(errno);
    }

    private async ValueTask<Errno> RefuseLaterAsync(uint request, Memory<byte> buffer, ValueTask<Errno> work)
    {
        var errno = await work;
        Refusals!.End(request, buffer.Span, errno);
        return errno;
    }

    public IDisposable StayAwake() => Kernel.Work.StayAwake();

    public bool PollControl() => _control.Poll();

    public Errno ReadAttribute(DeviceNumber device, string path, out string text)
    {
        text = "";
        if (Info(device) is not { } info || !info.HasAttribute(path))
            return Errno.ENOENT;
        if (info.ReadAttribute(path) is not { } line)
            return info.ReadRefusal(path);
        text = line;
        return Errno.None;
    }

    public ValueTask<Errno> WriteAttributeAsync(DeviceNumber device, string path, string text)
    {
        if (Info(device) is not { } info || !info.HasAttribute(path))
            return new ValueTask<Errno>(Errno.ENOENT);
        var errno = info.CanWrite(path) ? info.WriteAttribute(path, text) : Errno.EACCES;
        Kernel.Work.Drain();
        return new ValueTask<Errno>(errno);
    }

    private BlockDeviceInfo? Info(DeviceNumber device) => Kernel.Devices.Find(device) is { } found ? new BlockDeviceInfo(found) : null;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
