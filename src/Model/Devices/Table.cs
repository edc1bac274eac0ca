using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Machine;
using DmSim.Model.Targets;

namespace DmSim.Model.Devices;

/// <summary>struct dm_dev: a device that a table holds open.</summary>
/// <param name="Device">The device.</param>
/// <param name="Mode">How the table opened it.</param>
public sealed record TableDevice(BlockDevice Device, OpenMode Mode)
{
    /// <summary>The name that table lines print: "major:minor".</summary>
    public string Name => Device.Number.ToString();
}

/// <summary>struct dm_table: the targets of one slot of a mapped device, and the devices they hold.</summary>
public sealed partial class Table
{
    public SimulatedKernel Kernel { get; }

    /// <summary>Read, or read and write: what the table was loaded for (dm_table_get_mode).</summary>
    public OpenMode Mode { get; }

    public Table(SimulatedKernel kernel, OpenMode mode)
    {
        Kernel = kernel;
        Mode = mode;
    }

    /// <summary>
    /// dm_get_device: finds the device that <paramref name="path"/> names ("7:0", "/dev/loop0", "/dev/mapper/x", …), opens it for
    /// this table, or shares what the table already holds. Errors are the kernel's, with its log lines written.
    /// </summary>
    public Errno GetDevice(string path, OpenMode mode, out TableDevice? device) =>
        throw new NotSupportedException("written with the device registry");

    /// <summary>dm_put_device.</summary>
    public void PutDevice(TableDevice device) => throw new NotSupportedException("written with the device registry");
}
