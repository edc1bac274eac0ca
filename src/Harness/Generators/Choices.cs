namespace DmSim.Harness.Generators;

/// <summary>
/// The choices that make up one operation, all drawn from one word (SplitMix64): another word gives another operation, and an
/// operation taken out of a case leaves the choices of the others alone.
/// </summary>
public sealed class Choices(ulong word)
{
    private ulong _state = word;

    public ulong Next()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15;
            ulong z = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return (int)(((Next() >> 32) * (ulong)count) >> 32);
    }

    /// <summary>0 to <paramref name="count"/> - 1.</summary>
    public ulong Below(ulong count)
    {
        ArgumentOutOfRangeException.ThrowIfZero(count);
        return Math.BigMul(Next(), count, out _);
    }

    public int Between(int first, int last) => first + Below(checked(last - first + 1));

    public bool Percent(int percent) => Below(100) < percent;

    public T Pick<T>(params ReadOnlySpan<T> items) => items[Below(items.Length)];

    public uint Pick(params ReadOnlySpan<uint> items) => items[Below(items.Length)];

    public ulong Pick(params ReadOnlySpan<ulong> items) => items[Below(items.Length)];

    public T AnyOf<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>An item by its weight; the weights must not all be zero.</summary>
    public T Weighted<T>(IReadOnlyList<(T Item, int Weight)> items)
    {
        int total = 0;
        foreach (var (_, weight) in items)
            total += weight;
        int at = Below(total);
        foreach (var (item, weight) in items)
        {
            at -= weight;
            if (at < 0)
                return item;
        }
        throw new InvalidOperationException("weights changed while drawing");
    }
}
