using DmSim.Abi;

namespace DmSim.Model.Machine;

public sealed partial class ModelMachine
{
    public ILoopDevices Loops => throw new NotSupportedException("written with the loop devices");

    public Errno Open(DeviceNumber device, OpenMode mode, out IOpenDevice? handle) =>
        throw new NotSupportedException("written with the open devices");
}
