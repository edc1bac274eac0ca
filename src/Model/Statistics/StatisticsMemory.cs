namespace DmSim.Model.Statistics;

/// <summary>
/// shared_memory_amount: what all regions of all devices take, which may be no more than a quarter of the machine's memory
/// (drivers/md/dm-stats.c, 6.1). The sizes are those of Debian's kernel (NR_CPUS 8192) on one processor, and were measured there.
/// </summary>
public sealed class StatisticsMemory
{
    /// <summary>
    /// MemTotal of the virtual machine that "dmsim vm" boots, in pages. Nothing else in the model depends on how much memory there is.
    /// </summary>
    private const ulong TotalRamPages = 995_612 / 4;

    private const ulong MemoryFactor = 4;
    private const int PageShift = 12;

    private const ulong MaxAreas = 8_388_608, MaxBuckets = 134_217_728;

    private const ulong RegionSize = 128 + 8192 * 8;
    private const ulong SharedSize = 120;
    private const ulong PerCpuSize = 104;
    private const ulong CounterSize = sizeof(ulong);

    /// <summary>/sys/module/dm_mod/parameters/stats_current_allocated_bytes.</summary>
    public ulong Allocated { get; private set; }

    /// <summary>What a region takes; null when the kernel's sizes overflow (EOVERFLOW).</summary>
    internal static ulong? SizeOf(ulong areas, int boundaries)
    {
        if (areas == ulong.MaxValue)
            return null;
        var shared = (UInt128)areas * SharedSize + RegionSize;
        var perCpu = (UInt128)areas * PerCpuSize;
        var histogram = Histogram(areas, boundaries);
        if (shared > ulong.MaxValue || perCpu > ulong.MaxValue || histogram > ulong.MaxValue)
            return null;
        // The histogram is there twice: once for each processor, and once to add them up in. Without boundaries it is asked about only.
        var all = shared + perCpu + (boundaries > 0 ? 2 * histogram : 0);
        return all > ulong.MaxValue ? ulong.MaxValue : (ulong)all;
    }

    /// <summary>More areas, or buckets in all of them, than one region may have (<see cref="Profiles.KernelRule.StatisticsBounded"/>).</summary>
    internal static bool IsTooMuch(ulong areas, int boundaries) =>
        areas > MaxAreas || Histogram(areas, boundaries) > MaxBuckets * CounterSize;

    /// <summary>check_shared_memory: it counts a histogram of one bucket even where there will be none.</summary>
    internal bool HasRoomFor(ulong areas, int boundaries)
    {
        var size = (UInt128)areas * (SharedSize + PerCpuSize) + RegionSize + 2 * Histogram(areas, boundaries);
        return ((Allocated + size) >> PageShift) <= TotalRamPages / MemoryFactor;
    }

    internal void Claim(ulong size) => Allocated += size;

    internal void Free(ulong size) => Allocated -= size;

    private static UInt128 Histogram(ulong areas, int boundaries) => (UInt128)areas * (ulong)(boundaries + 1) * CounterSize;
}
