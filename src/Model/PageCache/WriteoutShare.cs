using DmSim.Model.Machine;

namespace DmSim.Model.PageCache;

/// <summary>
/// What part of all pages written lately each device has written: so much of the memory that may be dirty is its own
/// (lib/flex_proportions.c, mm/page-writeback.c, 6.1). Counts halve every three seconds as long as there is anything to halve. Each
/// counter holds back what a processor has counted until it is a batch, and does not see it before: so it is there, on one processor.
/// </summary>
internal sealed class WriteoutShare(SimulatedKernel kernel)
{
    /// <summary>VM_COMPLETIONS_PERIOD_LEN.</summary>
    private const long PeriodJiffies = 3 * Jiffies.PerSecond;

    /// <summary>PROP_BATCH, and percpu_counter_batch for the sum of all when a period begins.</summary>
    private const long Batch = 8, PeriodBatch = 32;

    private readonly Counter _all = new();
    private long _period;
    private long _nextPeriod;

    /// <summary>struct percpu_counter.</summary>
    private sealed class Counter
    {
        private long _count, _held;

        public void Add(long amount, long batch)
        {
            _held += amount;
            if (Math.Abs(_held) < batch)
                return;
            _count += _held;
            _held = 0;
        }

        /// <summary>percpu_counter_read.</summary>
        public long Seen => _count;

        /// <summary>percpu_counter_sum.</summary>
        public long Sum => _count + _held;
    }

    /// <summary>struct fprop_local_percpu.</summary>
    internal sealed class Share
    {
        private readonly Counter _events = new();
        private long _period;

        /// <summary>fprop_reflect_period_percpu.</summary>
        private void Reflect(WriteoutShare all)
        {
            if (_period == all._period)
                return;
            long value = _events.Seen < Batch ? _events.Sum : _events.Seen;
            int periods = (int)Math.Min(all._period - _period, 63);
            _events.Add((value >> periods) - value, Batch);
            _period = all._period;
        }

        public void Count(WriteoutShare all)
        {
            Reflect(all);
            _events.Add(1, Batch);
        }

        public (long Part, long Whole) Fraction(WriteoutShare all)
        {
            Reflect(all);
            long part = Math.Max(_events.Seen, 0), whole = Math.Max(all._all.Seen, 0);
            return whole > part ? (part, whole) : (part, part > 0 ? part : 1);
        }
    }

    /// <summary>__wb_writeout_add: a page of that device has been written.</summary>
    public void Written(Share share)
    {
        Catch();
        share.Count(this);
        _all.Add(1, Batch);
        if (_nextPeriod == 0)
            _nextPeriod = Jiffies.At(kernel.Time.Now) + PeriodJiffies;
    }

    /// <summary>wb_calc_thresh: what of so many pages is that device's.</summary>
    public long PartOf(long pages, Share share)
    {
        Catch();
        var (part, whole) = share.Fraction(this);
        return pages * part / whole;
    }

    /// <summary>writeout_period, as often as it has fallen due.</summary>
    private void Catch()
    {
        long now = Jiffies.At(kernel.Time.Now);
        while (_nextPeriod != 0 && _nextPeriod <= now)
        {
            long events = _all.Sum;
            if (events <= 1)
            {
                _nextPeriod = 0;
                return;
            }
            _all.Add((events >> 1) - events, PeriodBatch);
            _period++;
            _nextPeriod += PeriodJiffies;
        }
    }
}
