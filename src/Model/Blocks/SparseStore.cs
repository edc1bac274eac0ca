using DmSim.Abi;

namespace DmSim.Model.Blocks;

/// <summary>
/// A sparse file in memory, as on tmpfs: only pieces that were written take room, and a piece of zeros is not kept.
/// </summary>
public sealed class SparseStore : BackingStore
{
    private const int PieceShift = 14;
    private const int PieceBytes = 1 << PieceShift;

    private readonly Dictionary<ulong, byte[]> _pieces = [];
    private ulong _length;
    private ulong _generation;

    public SparseStore(ulong length = 0) => _length = length;

    public override ulong Length => _length;
    public override ulong Generation => _generation;
    public override ulong AllocatedBytes => (ulong)_pieces.Count * PieceBytes;

    public override IoResult Read(ulong offset, Span<byte> data)
    {
        int inside = Inside(offset, data.Length);
        while (!data.IsEmpty)
        {
            int at = (int)(offset & (PieceBytes - 1));
            int count = Math.Min(PieceBytes - at, data.Length);
            if (_pieces.TryGetValue(offset >> PieceShift, out byte[]? piece))
                piece.AsSpan(at, count).CopyTo(data);
            else
                data[..count].Clear();
            data = data[count..];
            offset += (uint)count;
        }
        return IoResult.Ok(inside);
    }

    public override (ulong Start, ulong End) NextData(ulong offset, ulong end)
    {
        if (_pieces.Count == 0)
            return (end, end);
        ulong start = offset;
        while (start < end && !_pieces.ContainsKey(start >> PieceShift))
            start = PieceAfter(start, end);
        ulong stop = start;
        while (stop < end && _pieces.ContainsKey(stop >> PieceShift))
            stop = PieceAfter(stop, end);
        return (start, stop);
    }

    /// <summary>Where the next piece begins, or the range ends.</summary>
    private static ulong PieceAfter(ulong offset, ulong end) => Math.Min(end, ((offset >> PieceShift) + 1) << PieceShift);

    public override Errno Write(ulong offset, ReadOnlySpan<byte> data)
    {
        _generation++;
        _length = Math.Max(_length, offset + (uint)data.Length);
        while (!data.IsEmpty)
        {
            int at = (int)(offset & (PieceBytes - 1));
            int count = Math.Min(PieceBytes - at, data.Length);
            WritePiece(offset >> PieceShift, at, data[..count]);
            data = data[count..];
            offset += (uint)count;
        }
        return Errno.None;
    }

    private void WritePiece(ulong index, int at, ReadOnlySpan<byte> data)
    {
        if (!_pieces.TryGetValue(index, out byte[]? piece))
        {
            if (!data.ContainsAnyExcept((byte)0))
                return;
            // Every byte of a whole piece is written next.
            piece = data.Length == PieceBytes ? GC.AllocateUninitializedArray<byte>(PieceBytes) : new byte[PieceBytes];
            _pieces.Add(index, piece);
        }
        data.CopyTo(piece.AsSpan(at));
    }

    public override Errno PunchHole(ulong offset, ulong length)
    {
        ulong end = Math.Min(_length, length > ulong.MaxValue - offset ? ulong.MaxValue : offset + length);
        if (offset < end)
            Clear(offset, end);
        return Errno.None;
    }

    public override void SetLength(ulong length)
    {
        ulong old = _length;
        _length = length;
        _generation++;
        if (length < old)
            Clear(length, old);
    }

    /// <summary>Zeroes [start, end), by giving back pieces where it can.</summary>
    private void Clear(ulong start, ulong end)
    {
        _generation++;
        ulong first = start >> PieceShift, last = (end - 1) >> PieceShift;
        // A store has few pieces and a range may have very many: go through the shorter list.
        if (last - first > (ulong)_pieces.Count)
        {
            foreach (ulong index in _pieces.Keys.ToArray())
                if (index >= first && index <= last)
                    ClearPiece(index, start, end);
            return;
        }
        for (ulong index = first; index <= last; index++)
            ClearPiece(index, start, end);
    }

    private void ClearPiece(ulong index, ulong start, ulong end)
    {
        if (!_pieces.TryGetValue(index, out byte[]? piece))
            return;
        ulong pieceStart = index << PieceShift;
        int from = start > pieceStart ? (int)(start - pieceStart) : 0;
        int to = end - pieceStart < PieceBytes ? (int)(end - pieceStart) : PieceBytes;
        if (from == 0 && to == PieceBytes)
            _pieces.Remove(index);
        else
            piece.AsSpan(from, to - from).Clear();
    }
}
