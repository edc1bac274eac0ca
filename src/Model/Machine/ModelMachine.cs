using DmSim.Abi;
using DmSim.Model.Ioctl;
using DmSim.Model.Profiles;
using DmSim.Model.Targets;

namespace DmSim.Model.Machine;

/// <summary>The simulated machine behind <see cref="IMachine"/>. ModelMachine.Blocks.cs has its block devices.</summary>
public sealed partial class ModelMachine : IMachine
{
    private readonly ControlNode _control;

    /// <param name="profile">Which kernel release it runs.</param>
    /// <param name="targetTypes">Its target types, oldest first; all that DmSim has where none are given.</param>
    public ModelMachine(KernelProfile profile, IReadOnlyList<TargetType>? targetTypes = null)
    {
        Kernel = new SimulatedKernel(profile, targetTypes);
        Clock = new ModelClock(Kernel);
        _control = new ControlNode(Kernel);
    }

    /// <summary>For white-box tests and for what the command line shows.</summary>
    public SimulatedKernel Kernel { get; }

    public IMachineClock Clock { get; }
    public IKernelLog Log => Kernel.Log;
    public IUevents Uevents => Kernel.Uevents;

    public ValueTask<Errno> ControlAsync(uint request, Memory<byte> buffer)
    {
        var work = _control.IoctlAsync(request, buffer);
        Kernel.Work.Drain();
        return work;
    }

    public IDisposable StayAwake() => Kernel.Work.StayAwake();

    public bool PollControl() => _control.Poll();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
