using DmSim.Abi;

namespace DmSim.Model.Views;

/// <summary>A simulated machine at one moment, as data to draw: it holds nothing of the machine, which may go on.</summary>
public sealed record MachineView(
    IReadOnlyList<DeviceView> Devices, IReadOnlyList<DiskView> Disks, IReadOnlyList<PoolView> Pools, IReadOnlyList<SnapshotView> Snapshots)
{
    public DeviceView? Find(DeviceNumber number) => Devices.FirstOrDefault(device => device.Number == number);

    /// <summary>Whether there is a device of that name, mapped or loop; "dm-3" is one as well.</summary>
    public bool Has(string name) => Devices.Any(device => IsNamed(device, name)) || Disks.Any(disk => disk.Name == name);

    /// <summary>These devices and all that they lie on, nothing else.</summary>
    public MachineView Only(IReadOnlyCollection<string> names)
    {
        var kept = new HashSet<DeviceNumber>();
        var next = new Queue<DeviceNumber>(Devices.Where(device => names.Any(name => IsNamed(device, name))).Select(device => device.Number)
            .Concat(Disks.Where(disk => names.Contains(disk.Name)).Select(disk => disk.Number)));
        while (next.TryDequeue(out var number))
        {
            if (!kept.Add(number) || Find(number) is not { } device)
                continue;
            foreach (var area in device.Lines.SelectMany(line => line.Below))
                next.Enqueue(area.Device);
        }
        return new MachineView([.. Devices.Where(device => kept.Contains(device.Number))], [.. Disks.Where(disk => kept.Contains(disk.Number))],
            [.. Pools.Where(pool => kept.Contains(pool.Number))], [.. Snapshots.Where(snapshot => kept.Contains(snapshot.Number))]);
    }

    private static bool IsNamed(DeviceView device, string name) => device.Name == name || $"dm-{device.Number.Minor}" == name;
}

/// <summary>A mapped device.</summary>
/// <param name="State">"active", "suspended" or "no table".</param>
/// <param name="HasInactive">A loaded table waits for the next resume.</param>
public sealed record DeviceView(
    DeviceNumber Number, string Name, Sectors Size, string State, int OpenCount, bool ReadOnly, bool HasInactive, IReadOnlyList<LineView> Lines);

/// <summary>A line of a live table.</summary>
/// <param name="Table">Its words as "dmsetup table" prints them.</param>
/// <param name="Status">Its status as "dmsetup status" prints it.</param>
public sealed record LineView(Sectors Begin, Sectors Length, string Type, string Table, string Status, IReadOnlyList<AreaView> Below);

/// <summary>A part of a device that a line uses.</summary>
public sealed record AreaView(DeviceNumber Device, Sectors Start, Sectors Length);

/// <summary>A device at the bottom: a loop device or a partition of one.</summary>
/// <param name="Whole">Of a partition, the name of its disk.</param>
public sealed record DiskView(DeviceNumber Number, string Name, Sectors Size, string? Whole = null);

/// <summary>A thin pool and who owns its blocks.</summary>
/// <param name="Owners">By data block: the volumes that have it mapped.</param>
public sealed record PoolView(
    DeviceNumber Number, string Name, string Mode, Sectors BlockSize, ulong DataBlocks, ulong FreeBlocks, ulong LowWater,
    ulong MetadataBlocks, ulong FreeMetadata, IReadOnlyList<VolumeView> Volumes, IReadOnlyDictionary<ulong, IReadOnlyList<ulong>> Owners);

/// <summary>A volume of a pool.</summary>
/// <param name="Name">The device that has it open; null while none has.</param>
public sealed record VolumeView(ulong Id, string? Name, int Mapped, int Shared);

/// <summary>A classic snapshot.</summary>
/// <param name="Status">"used/size metadata" as its status says, or why it is of no use.</param>
/// <param name="Changed">Chunks of the origin that lie on the COW device.</param>
public sealed record SnapshotView(
    DeviceNumber Number, string Name, string Origin, string Cow, Sectors ChunkSize, ulong Chunks, string Status, IReadOnlyList<ulong> Changed);
