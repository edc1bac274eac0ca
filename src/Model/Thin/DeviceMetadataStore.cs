using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.PersistentData;

namespace DmSim.Model.Thin;

/// <summary>A block device of the machine as what metadata lies on; the sleeping part of drivers/md/dm-bufio.c (6.1).</summary>
internal sealed class DeviceMetadataStore(BlockDevice device) : IMetadataStore
{
    private const int SectorsPerBlock = BlockManager.BlockSize / Sectors.BytesPerSector;

    private readonly byte[] _buffer = new byte[BlockManager.BlockSize];

    /// <summary>Told when whoever uses the metadata is about to sleep, until a block has been read.</summary>
    public Action? BeforeRead { get; set; }

    public ulong BlockCount => device.Capacity.Value / SectorsPerBlock;

    public bool ReadOnly => device.ReadOnly;

    /// <summary>A worker gives way to loop's worker, the harness' threads do not.</summary>
    public bool WritesEndAtOnce => device.Kernel.FairScheduler || device.Kernel.Work.IsDraining;

    public Errno Read(ulong block, Span<byte> data)
    {
        BeforeRead?.Invoke();
        var errno = Submit(BioOp.Read, block);
        _buffer.CopyTo(data);
        return errno;
    }

    public Errno Write(ulong block, ReadOnlySpan<byte> data)
    {
        data.CopyTo(_buffer);
        return Submit(BioOp.Write, block);
    }

    public IReadOnlyList<Errno> WriteAll(IReadOnlyList<(ulong Block, byte[] Data)> writes)
    {
        Bio[] bios = [.. writes.Select(write => Block(BioOp.Write, write.Block, write.Data))];
        device.Kernel.Blocks.SubmitAllAndWait(bios);
        return [.. bios.Select(bio => bio.Status.ToErrno())];
    }

    private Errno Submit(BioOp op, ulong block) =>
        device.Kernel.Blocks.SubmitAndWait(Block(op, block, _buffer)).ToErrno();

    private Bio Block(BioOp op, ulong block, byte[] data) => new(device, op)
    {
        Sector = unchecked(block * SectorsPerBlock),
        SectorCount = SectorsPerBlock,
        Data = data,
    };

    public Errno Flush() => Flush(device);

    /// <summary>blkdev_issue_flush, by who may sleep.</summary>
    public static Errno Flush(BlockDevice device) =>
        device.Kernel.Blocks.SubmitAndWait(new Bio(device, BioOp.Write, BioFlags.Preflush | BioFlags.Sync)).ToErrno();
}
