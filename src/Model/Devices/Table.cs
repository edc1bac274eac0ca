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
    private readonly List<Target> _targets = [];

    public Table(MappedDevice owner, OpenMode mode)
    {
        Owner = owner;
        Mode = mode;
    }

    /// <summary>dm_table_get_md.</summary>
    public MappedDevice Owner { get; }

    public SimulatedKernel Kernel => Owner.Kernel;

    /// <summary>Read, or read and write: what the table was loaded for (dm_table_get_mode).</summary>
    public OpenMode Mode { get; }

    public IReadOnlyList<Target> Targets => _targets;

    /// <summary>dm_table_get_size.</summary>
    public Sectors Size => _targets.Count == 0 ? Sectors.Zero : _targets[^1].Begin + _targets[^1].Length;

    /// <summary>dm_table_find_target: the target of a sector, or null past the end.</summary>
    public Target? FindTarget(ulong sector)
    {
        if (sector >= Size.Value)
            return null;
        int low = 0, high = _targets.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_targets[middle].Begin.Value <= sector)
                low = middle;
            else
                high = middle - 1;
        }
        return _targets[low];
    }

    /// <summary>
    /// dm_get_device: finds the device that <paramref name="path"/> names ("7:0", "/dev/loop0", "/dev/dm-1", …), opens it for
    /// this table, or shares what the table already holds. Errors are the kernel's, with its log lines written.
    /// </summary>
    public Errno GetDevice(string path, OpenMode mode, out TableDevice? device) =>
        throw new NotSupportedException("written with the device registry");

    /// <summary>dm_put_device.</summary>
    public void PutDevice(TableDevice device) => throw new NotSupportedException("written with the device registry");
}
