using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DmSim.Abi;

namespace DmSim.Model.Blocks;

/// <summary>
/// A sparse file in memory, as on tmpfs: only pieces that were written take room, and a piece of zeros is not kept. Which pages the file
/// has is known of each: a page of zeros that was written is no hole.
/// </summary>
public sealed class SparseStore : BackingStore
{
    private const int PieceShift = 14;
    private const int PieceBytes = 1 << PieceShift;

    private const int PageShift = 12;
    private const int PageBytes = 1 << PageShift;
    private const int AllPages = (1 << (PieceBytes / PageBytes)) - 1;

    /// <param name="Data">Null as long as it is all zeros.</param>
    /// <param name="Pages">A bit for each page that the file has.</param>
    private record struct Piece(byte[]? Data, int Pages);

    private readonly Dictionary<ulong, Piece> _pieces = [];
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
            if (_pieces.TryGetValue(offset >> PieceShift, out var piece) && piece.Data is not null)
                piece.Data.AsSpan(at, count).CopyTo(data);
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
        while (start < end && !HasPage(start))
            start = PageAfter(start, end);
        ulong stop = start;
        while (stop < end && HasPage(stop))
            stop = PageAfter(stop, end);
        return (start, stop);
    }

    private bool HasPage(ulong offset) => _pieces.TryGetValue(offset >> PieceShift, out var piece)
        && (piece.Pages >> ((int)(offset >> PageShift) & (PieceBytes / PageBytes - 1)) & 1) != 0;

    /// <summary>Where the next page begins, or the range ends.</summary>
    private static ulong PageAfter(ulong offset, ulong end) => Math.Min(end, ((offset >> PageShift) + 1) << PageShift);

    /// <summary>The bits of the pages from one that holds the first byte to one that holds the byte before the second.</summary>
    private static int PagesOf(int from, int to) => AllPages & (-1 << (from >> PageShift)) & ~(-1 << ((to + PageBytes - 1) >> PageShift));

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
        ref var piece = ref CollectionsMarshal.GetValueRefOrAddDefault(_pieces, index, out _);
        piece.Pages |= PagesOf(at, at + data.Length);
        if (piece.Data is null)
        {
            if (!data.ContainsAnyExcept((byte)0))
                return;
            // Every byte of a whole piece is written next.
            piece.Data = data.Length == PieceBytes ? GC.AllocateUninitializedArray<byte>(PieceBytes) : new byte[PieceBytes];
        }
        data.CopyTo(piece.Data.AsSpan(at));
    }

    public override void FillHoles(ulong offset, int length)
    {
        ulong end = offset + (uint)Inside(offset, length);
        for (ulong next; offset < end; offset = next)
        {
            next = Math.Min(end, ((offset >> PieceShift) + 1) << PieceShift);
            int at = (int)(offset & (PieceBytes - 1));
            CollectionsMarshal.GetValueRefOrAddDefault(_pieces, offset >> PieceShift, out _).Pages |= PagesOf(at, at + (int)(next - offset));
        }
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
        ref var piece = ref CollectionsMarshal.GetValueRefOrNullRef(_pieces, index);
        if (Unsafe.IsNullRef(ref piece))
            return;
        ulong pieceStart = index << PieceShift;
        int from = start > pieceStart ? (int)(start - pieceStart) : 0;
        int to = end - pieceStart < PieceBytes ? (int)(end - pieceStart) : PieceBytes;
        // Pages that go as a whole.
        int first = (from + PageBytes - 1) & -PageBytes, last = to & -PageBytes;
        if (first < last)
            piece.Pages &= ~PagesOf(first, last);
        if (piece.Pages == 0)
            _pieces.Remove(index);
        else
            piece.Data?.AsSpan(from, to - from).Clear();
    }
}
