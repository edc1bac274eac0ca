namespace DmSim.Model.Machine;

/// <summary>
/// printk_ratelimited: ten lines per place and five seconds (lib/ratelimit.c, DEFAULT_RATELIMIT_*, 6.1). A place is named by the
/// kernel function it is in. How many lines were left out is told when the next one appears.
/// </summary>
public sealed class RateLimits(SimulatedKernel kernel)
{
    private const int Burst = 10;
    private const long IntervalJiffies = 5 * Jiffies.PerSecond;

    private readonly Dictionary<(string Function, int Place), State> _states = [];

    private readonly HashSet<string> _once = [];

    private sealed class State
    {
        public long? Begin;
        public int Printed;
        public int Missed;
    }

    /// <summary>___ratelimit: whether a line may be printed now.</summary>
    /// <param name="function">Where the line is printed.</param>
    /// <param name="place">Which of the lines that are printed there.</param>
    public bool Allow(string function, int place = 0)
    {
        if (!_states.TryGetValue((function, place), out var state))
            _states.Add((function, place), state = new State());
        long now = Jiffies.At(kernel.Time.Now);
        state.Begin ??= now;
        if (state.Begin + IntervalJiffies < now)
        {
            if (state.Missed > 0)
                kernel.Log.Write(4, $"{function}: {state.Missed} callbacks suppressed");
            state.Missed = 0;
            state.Begin = now;
            state.Printed = 0;
        }
        if (state.Printed >= Burst)
        {
            state.Missed++;
            return false;
        }
        state.Printed++;
        return true;
    }

    /// <summary>dev_warn_once and its like in <paramref name="function"/>.</summary>
    public void WriteOnce(string function, int level, string text)
    {
        if (_once.Add(function))
            kernel.Log.Write(level, text);
    }

    /// <summary>pr_*_ratelimited in <paramref name="function"/>.</summary>
    public void Write(string function, int level, string text)
    {
        if (Allow(function))
            kernel.Log.Write(level, text);
    }
}
