using DmSim.Abi;

namespace DmSim.Model.Blocks;

/// <summary>The bytes behind a loop device: a file of the simulated machine. Offsets and lengths in bytes.</summary>
public abstract class BackingStore
{
    /// <summary>Size of the file (i_size).</summary>
    public abstract ulong Length { get; }

    /// <summary>Changes whenever the contents may have: equal numbers mean equal contents.</summary>
    public abstract ulong Generation { get; }

    /// <summary>Bytes that take up memory, for what displays it.</summary>
    public abstract ulong AllocatedBytes { get; }

    /// <summary>statfs f_bsize of its file system: a loop device's discard granularity.</summary>
    public virtual uint BlockSize => 4096;

    /// <summary>
    /// Holes and what lies past the end read as zeros; counted are the bytes before the end. A file of the host may fail.
    /// </summary>
    public abstract IoResult Read(ulong offset, Span<byte> data);

    /// <summary>How many of so many bytes lie before the end.</summary>
    protected int Inside(ulong offset, int length) => offset >= Length ? 0 : (int)Math.Min((ulong)length, Length - offset);

    /// <summary>
    /// Where in the range the next bytes are that may be other than zero; both ends are the range's when there are none. Holes are known by
    /// blocks of the file system at best.
    /// </summary>
    public virtual (ulong Start, ulong End) NextData(ulong offset, ulong end) => (offset, end);

    /// <summary>
    /// Begins a write of pieces that follow each other, which goes on while the machine does other things; false where that is not to be had.
    /// Whatever else is asked of the store waits for it.
    /// </summary>
    /// <param name="offset">Where the first goes.</param>
    /// <param name="pieces">Others may change them meanwhile: what is written is what is there when its turn comes.</param>
    /// <param name="written">Called from any thread.</param>
    public virtual bool TryWriteLater(ulong offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces, Action<Errno> written) => false;

    /// <summary>Waits until all that was begun has been written.</summary>
    public virtual void Settle() { }

    /// <summary>Grows the file when it writes past the end.</summary>
    public abstract Errno Write(ulong offset, ReadOnlySpan<byte> data);

    /// <summary>Gives the file pages of zeros where it has holes.</summary>
    public virtual void FillHoles(ulong offset, int length) { }

    /// <summary>fallocate with FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE: the range reads as zeros.</summary>
    public abstract Errno PunchHole(ulong offset, ulong length);

    /// <summary>fsync. What lies in memory is safe already.</summary>
    public virtual Errno Flush() => Errno.None;

    /// <summary>What loop's backing_file shows: one of its own has no name that anybody could look up.</summary>
    public virtual string Path => "/dev/shm/store (deleted)";

    /// <summary>st_dev and st_ino, as LOOP_GET_STATUS64 shows them.</summary>
    public virtual (ulong Device, ulong Inode) Identity => (0, 0);

    /// <summary>The device of the machine that it is, where it is one.</summary>
    public virtual DeviceNumber? Node => null;

    /// <summary>The last loop device lets go of it.</summary>
    public virtual void Close() { }

    /// <summary>ftruncate.</summary>
    public abstract void SetLength(ulong length);
}
