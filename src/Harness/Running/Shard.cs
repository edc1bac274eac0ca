using System.Globalization;

namespace DmSim.Harness.Running;

/// <summary>A part of a campaign: of N machines, the one with number I gets every N-th case. Together they do each case once.</summary>
/// <param name="Index">From 1.</param>
public sealed record Shard(int Index, int Count)
{
    public static Shard Whole { get; } = new(1, 1);

    /// <summary>Reads "3/8".</summary>
    public static bool TryParse(string text, out Shard shard)
    {
        shard = Whole;
        string[] parts = text.Split('/');
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count) || index < 1 || index > count)
            return false;
        shard = new Shard(index, count);
        return true;
    }

    /// <summary>What its case of a number, from 0, is numbered in the whole.</summary>
    public int NumberOf(int index) => checked(index * Count + Index - 1);

    /// <summary>How many of so many cases are its own.</summary>
    public long CountOf(long all) => (all - Index + Count) / Count;

    /// <summary>Its cases. They keep their names, so that one of them is found again without the shard.</summary>
    public ICaseSource Of(ICaseSource all) => Count == 1 ? all : new ShardedCases(all, this);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");

    private sealed class ShardedCases(ICaseSource all, Shard shard) : ICaseSource
    {
        public int Count => (int)shard.CountOf(all.Count);
        public IOperationSource Open(int index) => all.Open(shard.NumberOf(index));
        public string NameOf(int index) => all.NameOf(shard.NumberOf(index));
    }
}
