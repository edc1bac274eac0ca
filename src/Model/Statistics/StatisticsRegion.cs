using System.Text;
using DmSim.Model.Machine;

namespace DmSim.Model.Statistics;

/// <summary>What a region is made of, as the message gives it.</summary>
/// <param name="Start">First sector.</param>
/// <param name="End">The sector behind the last.</param>
/// <param name="Step">Sectors of an area.</param>
/// <param name="Precise">STAT_PRECISE_TIMESTAMPS: nanoseconds instead of jiffies.</param>
/// <param name="Boundaries">Ascending durations, in milliseconds or nanoseconds.</param>
internal sealed record StatisticsRange(ulong Start, ulong End, ulong Step, bool Precise, ulong[] Boundaries)
{
    public ulong Areas => (End - Start) / Step + ((End - Start) % Step == 0 ? 0UL : 1);
}

/// <summary>struct dm_stat: a range of sectors in areas of equal size, each with its counters (drivers/md/dm-stats.c, 6.1).</summary>
internal sealed class StatisticsRegion(StatisticsRange range, string programId, string auxData)
{
    private const int MillisecondsPerJiffy = 1000 / (int)Jiffies.PerSecond;
    private const int NanosecondsPerTick = 100;

    // Null until the first I/O: then all is zero.
    private readonly StatisticsArea?[] _areas = new StatisticsArea?[range.Areas];

    public int Id { get; set; }
    public StatisticsRange Range { get; } = range;
    public string ProgramId { get; } = programId;
    public string AuxData { get; set; } = auxData;

    /// <summary>What it took from <see cref="StatisticsMemory"/>.</summary>
    public required ulong Size { get; init; }

    /// <summary>__dm_stat_bio: counts a bio in every area that it touches, in each with the part that lies there.</summary>
    public void Account(in AccountedIo io, bool end, TimeSpan now)
    {
        ulong endSector = unchecked(io.Sector + io.Sectors);
        if (endSector <= Range.Start || io.Sector >= Range.End)
            return;
        ulong first = Math.Max(io.Sector, Range.Start);
        ulong left = Math.Min(endSector, Range.End) - first;
        ulong relative = first - Range.Start;
        ulong offset = relative % Range.Step;
        for (ulong index = relative / Range.Step; left != 0; index++, offset = 0)
        {
            ulong length = Math.Min(left, Range.Step - offset);
            var area = _areas[index] ??= new StatisticsArea(Range.Boundaries.Length == 0 ? 0 : Range.Boundaries.Length + 1);
            area.Round(Clock(now));
            if (end)
                CountEnd(area, io, length, now);
            else
                area.InFlight[io.Direction]++;
            left -= length;
        }
    }

    /// <summary>
    /// What dm_stats_cleanup says of bios that began and never ended. 5.10 counts all that is left of a bio when it comes to a piece, and
    /// only the piece when it ends, so that areas behind it keep a count (start_io_acct, __split_and_process_bio, drivers/md/dm.c, 5.10).
    /// Of the kernel's report there are the lines that name the place.
    /// </summary>
    public void TellOfLeaks(ModelLog log)
    {
        for (int index = 0; index < _areas.Length; index++)
        {
            if (_areas[index] is not { } area || area.InFlightTotal == 0)
                continue;
            log.Write(4, "------------[ cut here ]------------");
            log.Write(4, "WARNING: CPU: 0 PID: 1 at drivers/md/dm-stats.c:222 dm_stats_cleanup.cold+0x0/0x2a [dm_mod]");
            log.Write(4, "---[ end trace 0000000000000000 ]---");
            log.Crit("stats", $"leaked in-flight counter at index {index} (start {Range.Start}, end {Range.End}, step {Range.Step}): "
                + $"reads {area.InFlight[0]}, writes {area.InFlight[1]}");
        }
    }

    /// <summary>The second half of dm_stat_for_entry.</summary>
    private void CountEnd(StatisticsArea area, in AccountedIo io, ulong length, TimeSpan now)
    {
        int direction = io.Direction;
        area.InFlight[direction]--;
        area.Sectors[direction] += length;
        area.Ios[direction]++;
        area.Merges[direction] += io.Merged ? 1UL : 0;
        ulong duration = Clock(now) - Clock(io.Started);
        area.Ticks[direction] += duration;
        if (Range.Boundaries.Length == 0)
            return;
        ulong inUnit = Printed(duration);
        int bucket = 0;
        while (bucket < Range.Boundaries.Length && Range.Boundaries[bucket] <= inUnit)
            bucket++;
        area.Histogram[bucket]++;
    }

    /// <summary>dm_stats_clear.</summary>
    public void Clear(TimeSpan now) => Clear(0, Range.Areas, now);

    private void Clear(ulong from, ulong to, TimeSpan now)
    {
        for (ulong index = from; index < to; index++)
        {
            if (_areas[index] is not { } area)
                continue;
            area.Round(Clock(now));
            area.Clear();
        }
    }

    /// <summary>dm_stats_print: a line for each area, until the buffer is full; only what was printed whole is cleared.</summary>
    public string Print(ulong from, ulong count, bool clear, int room, TimeSpan now)
    {
        ulong areas = Range.Areas;
        ulong to = unchecked(from + count);
        if (to < from || to > areas)
            to = areas;
        from = Math.Min(from, to);
        var text = new StringBuilder();
        for (ulong index = from; index < to; index++)
        {
            Print(text, index, now);
            if (text.Length + 1 >= room)
                return text.ToString();
        }
        if (clear)
            Clear(from, to, now);
        return text.ToString();
    }

    private void Print(StringBuilder text, ulong index, TimeSpan now)
    {
        text.Append(unchecked(Range.Start + Range.Step * index)).Append('+').Append(Range.Step);
        var area = _areas[index] ?? new StatisticsArea(Range.Boundaries.Length == 0 ? 0 : Range.Boundaries.Length + 1);
        area.Round(Clock(now));
        for (int direction = 0; direction < 2; direction++)
        {
            text.Append(' ').Append(area.Ios[direction]).Append(' ').Append(area.Merges[direction])
                .Append(' ').Append(area.Sectors[direction]).Append(' ').Append(Printed(area.Ticks[direction]));
        }
        text.Append(' ').Append(area.InFlightTotal).Append(' ').Append(Printed(area.IoTicksTotal))
            .Append(' ').Append(Printed(area.TimeInQueue))
            .Append(' ').Append(Printed(area.IoTicks[0])).Append(' ').Append(Printed(area.IoTicks[1]));
        for (int bucket = 0; bucket < area.Histogram.Length; bucket++)
            text.Append(bucket == 0 ? ' ' : ':').Append(area.Histogram[bucket]);
        text.Append('\n');
    }

    /// <summary>One line of dm_stats_list.</summary>
    public void Describe(StringBuilder text)
    {
        text.Append(Id).Append(": ").Append(Range.Start).Append('+').Append(Range.End - Range.Start).Append(' ').Append(Range.Step)
            .Append(' ').Append(ProgramId).Append(' ').Append(AuxData);
        if (Range.Precise)
            text.Append(" precise_timestamps");
        if (Range.Boundaries.Length > 0)
            text.Append(" histogram:").AppendJoin(',', Range.Boundaries);
        text.Append('\n');
    }

    private ulong Clock(TimeSpan now) =>
        Range.Precise ? (ulong)now.Ticks * NanosecondsPerTick : (ulong)Jiffies.At(now);

    /// <summary>dm_jiffies_to_msec64.</summary>
    private ulong Printed(ulong duration) => Range.Precise ? duration : duration * MillisecondsPerJiffy;
}
