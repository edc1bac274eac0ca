using System.Text;
using DmSim.Abi;
using DmSim.Model.Devices;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Model.Statistics;

/// <summary>What statistics know of a bio that is on its way through a mapped device: struct dm_stats_aux and the rest of a dm_io.</summary>
/// <param name="Direction">0 for reads, 1 for all that changes the device (bio_data_dir).</param>
/// <param name="Merged">It goes on where the last one ended.</param>
internal readonly record struct AccountedIo(int Direction, ulong Sector, ulong Sectors, TimeSpan Started, bool Merged);

/// <summary>struct dm_stats: the regions of one mapped device, by number (drivers/md/dm-stats.c, 6.1).</summary>
internal sealed class DeviceStatistics(SimulatedKernel kernel, MappedDevice device)
{
    // Few devices have regions: until the first, the list is shared and empty.
    private List<StatisticsRegion> _regions = [];
    private ulong _lastSector = ulong.MaxValue;
    private int _lastDirection = -1;

    /// <summary>dm_stats_used.</summary>
    public bool InUse => _regions.Count > 0;

    /// <summary>dm_stats_create: waits until no I/O is on the way. Answers the new region's number.</summary>
    public async ValueTask<(Errno Errno, int Id)> CreateAsync(StatisticsRange range, string programId, string auxData)
    {
        if (StatisticsMemory.SizeOf(range.Areas, range.Boundaries.Length) is not { } size
            || kernel.Profile.Has(KernelRule.StatisticsBounded) && StatisticsMemory.IsTooMuch(range.Areas, range.Boundaries.Length))
            return (Errno.EOVERFLOW, 0);
        if (!kernel.StatisticsMemory.HasRoomFor(range.Areas, range.Boundaries.Length))
            return (Errno.ENOMEM, 0);
        kernel.StatisticsMemory.Claim(size);
        var region = new StatisticsRegion(range, programId, auxData) { Size = size };
        bool held = await device.InternalSuspendFastAsync();
        int at = 0;
        while (at < _regions.Count && _regions[at].Id == at)
            at++;
        region.Id = at;
        _regions.Insert(at, region);
        device.InternalResumeFast(held);
        return (Errno.None, region.Id);
    }

    /// <summary>dm_stats_delete.</summary>
    public Errno Delete(int id)
    {
        if (Find(id) is not { } region)
            return Errno.ENOENT;
        _regions.Remove(region);
        kernel.StatisticsMemory.Free(region.Size);
        return Errno.None;
    }

    /// <summary>dm_stats_cleanup: the device goes.</summary>
    public void DeleteAll()
    {
        foreach (var region in _regions)
        {
            region.TellOfLeaks(kernel.Log);
            kernel.StatisticsMemory.Free(region.Size);
        }
        _regions = [];
    }

    /// <summary>dm_stats_clear.</summary>
    public Errno Clear(int id)
    {
        if (Find(id) is not { } region)
            return Errno.ENOENT;
        region.Clear(kernel.Time.Now);
        return Errno.None;
    }

    /// <summary>dm_stats_set_aux.</summary>
    public Errno SetAux(int id, string auxData)
    {
        if (Find(id) is not { } region)
            return Errno.ENOENT;
        region.AuxData = auxData;
        return Errno.None;
    }

    /// <summary>dm_stats_list.</summary>
    /// <param name="program">Only regions of this program; null for all.</param>
    public string List(string? program)
    {
        var text = new StringBuilder();
        foreach (var region in _regions)
        {
            if (program is null || program == region.ProgramId)
                region.Describe(text);
        }
        return text.ToString();
    }

    /// <summary>dm_stats_print.</summary>
    /// <param name="room">Bytes of the answer's buffer.</param>
    public Errno Print(int id, ulong from, ulong count, bool clear, int room, out string text)
    {
        text = "";
        if (Find(id) is not { } region)
            return Errno.ENOENT;
        text = region.Print(from, count, clear, room, kernel.Time.Now);
        return Errno.None;
    }

    /// <summary>
    /// dm_stats_account_io at the start. Answers whether the bio continues the last one: same direction, next sector.
    /// </summary>
    public bool AccountStart(in AccountedIo io)
    {
        if (io.Sectors == 0)
            return false;
        bool merged = Continues(io);
        _lastSector = io.Sector + io.Sectors;
        _lastDirection = io.Direction;
        foreach (var region in _regions)
            region.Account(io, end: false, kernel.Time.Now);
        return merged;
    }

    private bool Continues(in AccountedIo io)
    {
        if (kernel.Profile.Has(KernelRule.StatisticsKnowMerges))
            return io.Sector == _lastSector && io.Direction == _lastDirection;
        // A bracket too wide: the sector is compared with whether there was a last one, of the same direction (none counts as a read).
        bool alike = _lastSector != 0 && (io.Direction == 1) == (_lastDirection == 1);
        return io.Sector == (alike ? 1u : 0);
    }

    /// <summary>dm_stats_account_io at the end.</summary>
    public void AccountEnd(in AccountedIo io)
    {
        if (io.Sectors == 0)
            return;
        foreach (var region in _regions)
            region.Account(io, end: true, kernel.Time.Now);
    }

    /// <summary>__dm_stats_find.</summary>
    private StatisticsRegion? Find(int id) => _regions.Find(region => region.Id == id);
}
