using DmSim.Abi;
using DmSim.Model.Blocks;

namespace DmSim.Model.Machine;

public sealed partial class ModelMachine
{
    public ILoopDevices Loops => Kernel.Loops;

    public Errno Open(DeviceNumber device, OpenMode mode, out IOpenDevice? handle) =>
        OpenDevice.Open(Kernel, device, mode, out handle);
}
