using DmSim.Model.Views;

namespace DmSim.Pictures;

/// <summary>What a cell of a block map shows.</summary>
/// <param name="Letter">a, b, c … for an owner, "#" for several, "." for none.</param>
/// <param name="Color">Index into the palette; -1 for none.</param>
/// <param name="Owners">The volumes that share it.</param>
public readonly record struct BlockCell(char Letter, int Color, IReadOnlyList<ulong> Owners)
{
    public bool IsFree => Owners.Count == 0;
    public bool IsShared => Owners.Count > 1;
}

/// <summary>Colours and letters of a pool's volumes, and its blocks in cells.</summary>
public sealed class Owners
{
    private const int Letters = 26;
    private readonly PoolView _pool;
    private readonly Dictionary<ulong, int> _index = [];

    private readonly IReadOnlyDictionary<ulong, int> _colors;

    /// <param name="colors">By volume; in their order where none are given.</param>
    public Owners(PoolView pool, IReadOnlyDictionary<ulong, int>? colors = null)
    {
        _pool = pool;
        _colors = colors ?? _index;
        foreach (var volume in pool.Volumes)
            _index.Add(volume.Id, _index.Count);
    }

    public int ColorOf(ulong id) => _colors.GetValueOrDefault(id);

    public char LetterOf(ulong id) => (char)('a' + _index.GetValueOrDefault(id) % Letters);

    /// <summary>How many blocks one cell stands for so that no more than <paramref name="most"/> are needed.</summary>
    public ulong BlocksPerCell(int most) => Math.Max(1, (_pool.DataBlocks + (ulong)most - 1) / (ulong)most);

    /// <summary>The pool's blocks in order; a cell of several shows all who own any of them.</summary>
    public IEnumerable<BlockCell> Cells(int most)
    {
        ulong per = BlocksPerCell(most);
        for (ulong first = 0; first < _pool.DataBlocks; first += per)
        {
            var owners = new SortedSet<ulong>();
            for (ulong block = first; block < Math.Min(first + per, _pool.DataBlocks); block++)
                owners.UnionWith(_pool.Owners.GetValueOrDefault(block, []));
            yield return owners.Count switch
            {
                0 => new BlockCell('.', -1, []),
                1 => new BlockCell(LetterOf(owners.Min), ColorOf(owners.Min), [.. owners]),
                _ => new BlockCell('#', ColorOf(owners.Min), [.. owners]),
            };
        }
    }
}
