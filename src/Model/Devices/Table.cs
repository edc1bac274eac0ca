using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Machine;
using DmSim.Model.Targets;

namespace DmSim.Model.Devices;

/// <summary>struct dm_dev: a device that a table holds open.</summary>
public sealed class TableDevice(BlockDevice device, OpenMode mode)
{
    public BlockDevice Device { get; } = device;

    /// <summary>How the table opened it.</summary>
    public OpenMode Mode { get; } = mode;

    /// <summary>The name that table lines print: "major:minor".</summary>
    public string Name { get; } = device.Number.ToString();
}

/// <summary>
/// struct dm_table: the targets of one slot of a mapped device, and the devices they hold (drivers/md/dm-table.c, 6.1).
/// This file has what everybody needs; Table.Build.cs how one is made, Table.Devices.cs what it holds, Table.Limits.cs what
/// limits follow.
/// </summary>
public sealed partial class Table
{
    private readonly List<Target> _targets = [];

    public Table(MappedDevice owner, OpenMode mode)
    {
        Owner = owner;
        Mode = mode;
        ClonesFromCache = owner.Limits.Polls;
    }

    /// <summary>dm_table_alloc_md_mempools: the set of its clones has a cache (<see cref="Profiles.KernelRule.BiosFromCaches"/>).</summary>
    internal bool ClonesFromCache { get; }

    /// <summary>t->flush_bypasses_map.</summary>
    internal bool FlushBypassesMap => Kernel.Profile.Has(Profiles.KernelRule.FlushesGoToDevices) && All(static t => t.FlushBypassesMap);

    /// <summary>Data with a flush goes on with it, to the only device there is.</summary>
    internal bool FlushesKeepData => Kernel.Profile.Has(Profiles.KernelRule.FlushesKeepData) && Devices.Count == 1 && FlushBypassesMap;

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

    /// <summary>Whether events of this table are its device's: from the swap that made it live until the device goes.</summary>
    internal bool EventsBound { get; set; }

    /// <summary>dm_table_event: something happened that who waits for the device's events should see.</summary>
    public void RaiseEvent()
    {
        if (EventsBound)
            Owner.RaiseEvent();
    }

    internal async ValueTask PresuspendAsync()
    {
        foreach (var target in _targets)
            await target.PresuspendAsync();
    }

    internal async ValueTask PostsuspendAsync()
    {
        foreach (var target in _targets)
            await target.PostsuspendAsync();
    }

    /// <summary>dm_table_resume_targets: all are asked before the first one goes on.</summary>
    internal async ValueTask<Errno> ResumeAsync()
    {
        foreach (var target in _targets)
        {
            var errno = target.Preresume();
            if (errno == Errno.None)
                continue;
            Log.Err("table", $"{Owner.DeviceName}: {target.Type.Name}: preresume failed, error = -{(int)errno}");
            return errno;
        }
        foreach (var target in _targets)
            await target.ResumeAsync();
        return Errno.None;
    }
}
