namespace DmSim.Model.PersistentData;

/// <summary>A set of block numbers that is asked often and emptied as a whole: bits in pieces.</summary>
internal sealed class BlockSet
{
    private const int PieceShift = 15;
    private const int WordsPerPiece = 1 << (PieceShift - 6);
    private const ulong BitsLimit = 1UL << 23;

    private ulong[]?[] _pieces = new ulong[]?[1];
    private readonly HashSet<ulong> _far = [];
    private readonly List<ulong> _near = [];

    public bool Contains(ulong block)
    {
        if (block >= BitsLimit)
            return _far.Contains(block);
        uint piece = (uint)(block >> PieceShift);
        return piece < (uint)_pieces.Length && _pieces[piece] is { } words
            && (words[Word(block)] & Bit(block)) != 0;
    }

    public void Add(ulong block)
    {
        if (block >= BitsLimit)
        {
            _far.Add(block);
            return;
        }
        int piece = (int)(block >> PieceShift);
        if (piece >= _pieces.Length)
            Array.Resize(ref _pieces, piece + 1);
        var words = _pieces[piece] ??= new ulong[WordsPerPiece];
        if ((words[Word(block)] & Bit(block)) != 0)
            return;
        words[Word(block)] |= Bit(block);
        _near.Add(block);
    }

    public void Clear()
    {
        foreach (ulong block in _near)
            _pieces[(int)(block >> PieceShift)]![Word(block)] = 0;
        _near.Clear();
        _far.Clear();
    }

    private static int Word(ulong block) => (int)(block >> 6) & (WordsPerPiece - 1);

    private static ulong Bit(ulong block) => 1UL << (int)(block & 63);
}
