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

    /// <summary>Holes and what lies past the end read as zeros.</summary>
    public abstract void Read(ulong offset, Span<byte> data);

    /// <summary>Grows the file when it writes past the end.</summary>
    public abstract void Write(ulong offset, ReadOnlySpan<byte> data);

    /// <summary>fallocate with FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE: the range reads as zeros.</summary>
    public abstract void PunchHole(ulong offset, ulong length);

    /// <summary>ftruncate.</summary>
    public abstract void SetLength(ulong length);
}
