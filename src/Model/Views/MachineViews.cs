using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Machine;
using DmSim.Model.Targets;
using DmSim.Model.Thin;

namespace DmSim.Model.Views;

/// <summary>Takes a view of a machine. Looking changes nothing: no commit, no log line, no event.</summary>
public static class MachineViews
{
    public static MachineView View(this ModelMachine machine)
    {
        var kernel = machine.Kernel;
        var devices = kernel.Devices.Mapped.Where(device => device.MapName is not null).ToList();
        var used = devices.Where(d => d.LiveTable is not null).SelectMany(d => d.LiveTable!.Devices).Select(d => d.Device.Number).ToHashSet();
        var disks = kernel.Devices.Live.Where(d => d is not MappedDevice && (d.Capacity != Sectors.Zero || used.Contains(d.Number)));
        return new MachineView([.. devices.Select(Of)], [.. disks.Select(d => new DiskView(d.Number, d.Name, d.Capacity, d.Whole == d ? null : d.Whole.Name))],
            [.. kernel.ThinPools.All.Where(pool => pool.Device.MapName is not null).OrderBy(pool => pool.Device.Number).Select(pool => Of(pool, devices))],
            [.. devices.SelectMany(SnapshotsOf)]);
    }

    private static DeviceView Of(MappedDevice device) => new(
        device.Number, device.MapName!, device.Capacity,
        device.LiveTable is null ? "no table" : device.Suspended ? "suspended" : "active",
        device.OpenCount, device.ReadOnly, device.InactiveTable is not null,
        LinesOf(device.LiveTable));

    /// <summary>What a table holds beside its data, as a pool its metadata, is shown with its first line.</summary>
    private static LineView[] LinesOf(Table? table)
    {
        LineView[] lines = [.. (table?.Targets ?? []).Select(Of)];
        var data = lines.SelectMany(line => line.Below).Select(area => area.Device).ToHashSet();
        AreaView[] more = [.. (table?.Devices ?? []).Where(held => !data.Contains(held.Device.Number))
            .Select(held => new AreaView(held.Device.Number, Sectors.Zero, held.Device.Capacity))];
        if (lines.Length > 0 && more.Length > 0)
            lines[0] = lines[0] with { Below = [.. more, .. lines[0].Below] };
        return lines;
    }

    private static LineView Of(Target target)
    {
        var below = new List<AreaView>();
        target.IterateDevices((device, start, length) =>
        {
            below.Add(new AreaView(device.Device.Number, start, length));
            return false;
        });
        return new LineView(target.Begin, target.Length, target.Type.Name,
            target.Status(StatusType.Table, noflush: true), target.Status(StatusType.Info, noflush: true), below);
    }

    private static PoolView Of(ThinPool pool, List<MappedDevice> devices)
    {
        var owners = new Dictionary<ulong, List<ulong>>();
        var mapped = new SortedDictionary<ulong, List<ulong>>();
        foreach (var (id, _, data) in pool.Metadata.ReadMappings())
        {
            (owners.TryGetValue(data.Value, out var its) ? its : owners[data.Value] = []).Add(id.Value);
            (mapped.TryGetValue(id.Value, out var blocks) ? blocks : mapped[id.Value] = []).Add(data.Value);
        }
        var names = NamesOfVolumes(pool, devices);
        foreach (ulong id in names.Keys)
            mapped.TryAdd(id, []);
        pool.Metadata.GetDataDeviceSize(out var size);
        pool.Metadata.GetFreeDataBlocks(out var free);
        pool.Metadata.GetMetadataDeviceSize(out var metadataSize);
        pool.Metadata.GetFreeMetadataBlocks(out var freeMetadata);
        var volumes = mapped.Select(volume => new VolumeView(
            volume.Key, names.GetValueOrDefault(volume.Key), volume.Value.Count, volume.Value.Count(block => owners[block].Count > 1)));
        return new PoolView(pool.Device.Number, pool.Device.MapName!, pool.Mode.ToString(), new Sectors(pool.BlockSectors), size.Value, free.Value,
            pool.Control?.LowWaterBlocks ?? 0, metadataSize.Value, freeMetadata.Value, [.. volumes],
            owners.ToDictionary(entry => entry.Key, entry => (IReadOnlyList<ulong>)[.. entry.Value.Distinct()]));
    }

    private static SortedDictionary<ulong, string> NamesOfVolumes(ThinPool pool, List<MappedDevice> devices)
    {
        var names = new SortedDictionary<ulong, string>();
        foreach (var device in devices)
        {
            foreach (var thin in (device.LiveTable?.Targets ?? []).OfType<ThinTarget>().Where(thin => thin.Pool == pool))
                names[thin.Id.Value] = device.MapName!;
        }
        return names;
    }

    private static IEnumerable<SnapshotView> SnapshotsOf(MappedDevice device) =>
        (device.LiveTable?.Targets ?? []).OfType<SnapshotTarget>().Select(target => target.View(device));
}
