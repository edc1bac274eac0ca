namespace DmSim.Model.Statistics;

/// <summary>
/// The counters of one area of a region: struct dm_stat_shared and the struct dm_stat_percpu of the only processor
/// (drivers/md/dm-stats.c, 6.1). The first of each pair is for reads, the second for writes. Times are in the region's unit.
/// </summary>
internal sealed class StatisticsArea(int buckets)
{
    public int[] InFlight { get; } = new int[2];
    public ulong[] Sectors { get; } = new ulong[2];
    public ulong[] Ios { get; } = new ulong[2];
    public ulong[] Merges { get; } = new ulong[2];
    public ulong[] Ticks { get; } = new ulong[2];
    public ulong[] IoTicks { get; } = new ulong[2];
    public ulong IoTicksTotal { get; private set; }
    public ulong TimeInQueue { get; private set; }
    public ulong[] Histogram { get; } = new ulong[buckets];

    private ulong _stamp;

    public int InFlightTotal => InFlight[0] + InFlight[1];

    /// <summary>dm_stat_round: accounts the time since the last look to what has been on the way in it.</summary>
    public void Round(ulong now)
    {
        ulong passed = unchecked(now - _stamp);
        if (passed == 0)
            return;
        if (InFlight[0] > 0)
            IoTicks[0] += passed;
        if (InFlight[1] > 0)
            IoTicks[1] += passed;
        if (InFlightTotal > 0)
        {
            IoTicksTotal += passed;
            TimeInQueue += (ulong)InFlightTotal * passed;
        }
        _stamp = now;
    }

    /// <summary>__dm_stat_clear: what has been counted so far is taken off; what is on the way stays.</summary>
    public void Clear()
    {
        foreach (var counters in new[] { Sectors, Ios, Merges, Ticks, IoTicks, Histogram })
            Array.Clear(counters);
        IoTicksTotal = 0;
        TimeInQueue = 0;
    }
}
