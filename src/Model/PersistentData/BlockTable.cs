namespace DmSim.Model.PersistentData;

/// <summary>Finds cached blocks by their number: an array in pieces for numbers that a device can have, a dictionary for others.</summary>
internal sealed class BlockTable
{
    private const int PieceShift = 10;
    private const int PieceSize = 1 << PieceShift;
    private const ulong ArrayLimit = 1UL << 23;

    private MetadataBlock?[]?[] _pieces = new MetadataBlock?[]?[4];
    private readonly Dictionary<ulong, MetadataBlock> _far = [];

    public int Count { get; private set; }

    public MetadataBlock? Find(ulong location)
    {
        if (location >= ArrayLimit)
            return _far.GetValueOrDefault(location);
        var pieces = _pieces;
        uint piece = (uint)(location >> PieceShift);
        return piece < (uint)pieces.Length ? pieces[piece]?[(int)(location & (PieceSize - 1))] : null;
    }

    public void Add(MetadataBlock block)
    {
        Count++;
        if (block.Location >= ArrayLimit)
        {
            _far.Add(block.Location, block);
            return;
        }
        int piece = (int)(block.Location >> PieceShift);
        if (piece >= _pieces.Length)
            Array.Resize(ref _pieces, Math.Max(piece + 1, 2 * _pieces.Length));
        (_pieces[piece] ??= new MetadataBlock?[PieceSize])[(int)(block.Location & (PieceSize - 1))] = block;
    }

    public void Remove(MetadataBlock block)
    {
        Count--;
        if (block.Location >= ArrayLimit)
            _far.Remove(block.Location);
        else
            _pieces[(int)(block.Location >> PieceShift)]![(int)(block.Location & (PieceSize - 1))] = null;
    }
}
