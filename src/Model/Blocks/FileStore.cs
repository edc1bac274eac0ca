using DmSim.Abi;

namespace DmSim.Model.Blocks;

/// <summary>A file from outside the machine: its bytes are the store.</summary>
internal sealed class FileStore(IBackingFile file) : BackingStore
{
    private ulong _generation;

    public override ulong Length => file.Length;

    /// <summary>Others may write to the file as well: no two looks are known to see the same.</summary>
    public override ulong Generation => ++_generation;

    public override ulong AllocatedBytes => 0;
    public override string Path => file.Path;
    public override (ulong Device, ulong Inode) Identity => (file.Device, file.Inode);

    public override IoResult Read(ulong offset, Span<byte> data) => file.Read(offset, data);
    public override Errno Write(ulong offset, ReadOnlySpan<byte> data) => file.Write(offset, data);
    public override bool TryWriteLater(ulong offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces, Action<Errno> written) =>
        file.TryWriteLater(offset, pieces, written);

    public override void Settle() => file.Settle();

    public override Errno PunchHole(ulong offset, ulong length) => file.PunchHole(offset, length);

    /// <summary>Whoever owns the file truncates it; the machine never does.</summary>
    public override void SetLength(ulong length) => throw new InvalidOperationException($"{file.Path} is not the machine's to resize");

    public override void Close() => file.Dispose();
}
