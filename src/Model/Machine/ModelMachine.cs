using DmSim.Abi;
using DmSim.Model.Profiles;

namespace DmSim.Model.Machine;

/// <summary>The simulated machine behind <see cref="IMachine"/>. ModelMachine.Blocks.cs has its block devices.</summary>
public sealed partial class ModelMachine : IMachine
{
    public ModelMachine(KernelProfile profile)
    {
        Kernel = new SimulatedKernel(profile);
        Clock = new ModelClock(Kernel);
    }

    /// <summary>For white-box tests and for what the command line shows.</summary>
    public SimulatedKernel Kernel { get; }

    public IMachineClock Clock { get; }
    public IKernelLog Log => Kernel.Log;
    public IUevents Uevents => Kernel.Uevents;

    public ValueTask<Errno> ControlAsync(uint request, Memory<byte> buffer) =>
        throw new NotSupportedException("written with the ioctl commands");

    public bool PollControl() => throw new NotSupportedException("written with the ioctl commands");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
