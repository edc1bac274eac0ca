using System.Runtime.InteropServices;
using DmSim.Model.Devices;

namespace DmSim.Model.Thin;

/// <summary>struct dm_cell_key: a run of blocks [Begin, End), virtual ones of a device, or data blocks.</summary>
/// <remarks>Data blocks carry the device as well, so that two devices do not keep each other from one data block.</remarks>
internal readonly record struct CellKey(bool IsVirtual, ThinId Device, ulong Begin, ulong End)
{
    public bool IsOneBlock => End == Begin + 1;

    /// <summary>Of one block, as a rule: where it begins says most.</summary>
    public override int GetHashCode() =>
        unchecked((int)(Begin * 0x9E3779B97F4A7C15UL >> 32) ^ (int)Device.Value ^ (IsVirtual ? 1 << 30 : 0));

    public bool Overlaps(CellKey other) =>
        IsVirtual == other.IsVirtual && Device == other.Device && Begin < other.End && other.Begin < End;
}

/// <summary>struct dm_bio_prison_cell: blocks that somebody works on, and the bios that wait for it.</summary>
internal sealed class PrisonCell(CellKey key, TargetBio? holder)
{
    public CellKey Key { get; } = key;

    /// <summary>The bio that made the cell; discards may have cells of data blocks without one.</summary>
    public TargetBio? Holder { get; } = holder;

    // Nobody, as a rule.
    private List<TargetBio>? _bios;

    /// <summary>Who came later, in order.</summary>
    public IReadOnlyList<TargetBio> Bios => _bios ?? (IReadOnlyList<TargetBio>)[];

    public bool IsAlone => _bios is null;

    public void Add(TargetBio bio) => (_bios ??= []).Add(bio);

    /// <summary>All of them, the holder first.</summary>
    public IEnumerable<TargetBio> Inmates => Holder is null ? Bios : Bios.Prepend(Holder);
}

/// <summary>
/// Who is allowed to work on which blocks (drivers/md/dm-bio-prison-v1.c, 6.1). Cells of one block are many, cells of runs few:
/// only discards have them.
/// </summary>
internal sealed class BioPrison
{
    private readonly Dictionary<CellKey, PrisonCell> _cells = [];
    private readonly List<PrisonCell> _runs = [];

    // The cell of one block while there is no other: it need not be looked for.
    private PrisonCell? _only;

    /// <summary>
    /// dm_bio_detain: true when the blocks were free and <paramref name="cell"/> is the caller's new cell; else the bio, if any,
    /// waits in the cell that is there.
    /// </summary>
    public bool TryTake(CellKey key, TargetBio? bio, out PrisonCell cell)
    {
        if (_only is null && _cells.Count == 0 && _runs.Count == 0 && key.IsOneBlock)
        {
            cell = _only = new PrisonCell(key, bio);
            return true;
        }
        if (_only is not null)
        {
            _cells.Add(_only.Key, _only);
            _only = null;
        }
        var taken = _runs.Count > 0 ? FindRun(key) : null;
        if (taken is null && key.IsOneBlock)
        {
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_cells, key, out _);
            taken = place;
            place ??= new PrisonCell(key, bio);
            cell = place;
        }
        else
        {
            taken ??= FindLowestIn(key);
            cell = taken ?? new PrisonCell(key, bio);
            if (taken is null)
                _runs.Add(cell);
        }
        if (taken is not null && bio is not null)
            taken.Add(bio);
        return taken is null;
    }

    private PrisonCell? FindRun(CellKey key) => _runs.Find(run => run.Key.Overlaps(key));

    private PrisonCell? FindLowestIn(CellKey key)
    {
        // Of several the kernel takes the first that it meets in its tree; here it is the lowest.
        PrisonCell? lowest = null;
        foreach (var cell in _cells.Values)
            if (cell.Key.Overlaps(key) && !(lowest?.Key.Begin < cell.Key.Begin))
                lowest = cell;
        return lowest;
    }

    /// <summary>Opens the cell: who waits in it is the caller's affair.</summary>
    public void Release(PrisonCell cell)
    {
        if (ReferenceEquals(cell, _only))
        {
            _only = null;
            return;
        }
        bool found = cell.Key.IsOneBlock ? _cells.Remove(cell.Key) : _runs.Remove(cell);
        if (!found)
            throw new InvalidOperationException($"the cell {cell.Key} was released before");
    }
}
