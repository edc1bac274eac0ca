using DmSim.Harness.Running;

namespace DmSim.Harness.Campaigns;

/// <summary>The result files of one campaign, in order of their shards, each shard once.</summary>
/// <param name="Missing">Shards of which there is no file.</param>
public sealed record ShardSet(Campaign Campaign, IReadOnlyList<ResultFile> Files, IReadOnlyList<Shard> Missing)
{
    /// <summary>The whole, as the files name it.</summary>
    public int Count => Files[0].Shard.Count;

    /// <summary>Puts files in order. The same file twice, as when a folder was copied into itself, is taken once.</summary>
    /// <exception cref="BadResultException">They are not of one campaign, or two of them claim to be the same shard.</exception>
    public static ShardSet Of(IEnumerable<ResultFile> files)
    {
        var taken = new SortedDictionary<int, ResultFile>();
        ResultFile? first = null;
        foreach (var file in files)
        {
            first ??= file;
            if (file.Campaign.DifferenceFrom(first.Campaign) is { } difference)
                throw new BadResultException($"{file.Path} and {first.Path} are of two campaigns: {difference}.");
            if (file.Shard.Count != first.Shard.Count)
                throw new BadResultException($"{file.Path} is shard {file.Shard} and {first.Path} is {first.Shard}: merge only what was split in the same way.");
            if (!taken.TryAdd(file.Shard.Index, file) && taken[file.Shard.Index] is var other && other.Digest != file.Digest)
                throw new BadResultException($"{file.Path} and {other.Path} are both shard {file.Shard}, and differ: keep one of them.");
        }
        if (first is null)
            throw new BadResultException("There is no result file: give those that --result has written, or their folder.");
        var missing = Enumerable.Range(1, first.Shard.Count).Where(index => !taken.ContainsKey(index)).Select(index => new Shard(index, first.Shard.Count));
        return new ShardSet(first.Campaign, [.. taken.Values], [.. missing]);
    }

    /// <summary>What each shard found, with the shard; those that are missing are left out.</summary>
    public IReadOnlyList<(Shard Shard, T Result)> Parts<T>() => [.. Files.Select(file => (file.Shard, file.BodyAs<T>()))];

    /// <summary>"3, 7 of 8", for a sentence about what is missing.</summary>
    public string DescribeMissing() => $"{string.Join(", ", Missing.Select(shard => shard.Index))} of {Count}";
}
