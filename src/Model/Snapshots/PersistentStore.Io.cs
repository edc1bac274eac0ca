using System.Buffers;
using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Model.Blocks;

namespace DmSim.Model.Snapshots;

/// <content>The store's chunks on the COW device: its header, and one area of exceptions in memory.</content>
internal sealed partial class PersistentStore
{
    /// <summary>BIO_MAX_VECS pages: dm_io sends no more in one bio.</summary>
    private const ulong MaxBioSectors = 256 * QueueLimits.PAGE_SECTORS;

    /// <summary>
    /// DM_BUFIO_BLOCK_SIZE_GFP_LIMIT, 4 MiB: areas that are read in the constructor go through dm-bufio, which sends one bio for a block as long
    /// as it has pages in one piece for it (use_bio, drivers/md/dm-bufio.c, 6.1).
    /// </summary>
    private const ulong MaxBufioSectors = 1024 * QueueLimits.PAGE_SECTORS;

    private int ChunkBytes => checked((int)(ChunkSize << Sectors.Shift));

    /// <summary>ps->area: the exceptions of the present area. Made when it is used, as a store that is refused may have had a very large one.</summary>
    private byte[] Area => _area ??= new byte[ChunkBytes];

    private byte[]? _area;

    /// <summary>
    /// Memory for a chunk, which may be large, to be given back: other loads want it too. It stays out when a request for it may still be under
    /// way.
    /// </summary>
    /// <param name="Bytes">Of a chunk at least; what was there before is still there.</param>
    private readonly record struct Chunk(byte[] Bytes) : IDisposable
    {
        public static Chunk Rent(int bytes) => new(ArrayPool<byte>.Shared.Rent(bytes));

        public void Dispose() => ArrayPool<byte>.Shared.Return(Bytes);
    }

    /// <summary>area_location: the chunk of an area of exceptions.</summary>
    private ulong AreaLocation(ulong area) => unchecked(NUM_SNAPSHOT_HDR_CHUNKS + (_exceptionsPerArea + 1UL) * area);

    private static (ulong OldChunk, ulong NewChunk) ReadException(byte[] area, uint index)
    {
        var bytes = area.AsSpan(checked((int)index * ExceptionBytes), ExceptionBytes);
        return (BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
    }

    private void WriteException(uint index, ulong oldChunk, ulong newChunk)
    {
        var bytes = Area.AsSpan(checked((int)index * ExceptionBytes), ExceptionBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, oldChunk);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], newChunk);
    }

    /// <summary>write_header: a whole chunk, zero behind struct disk_header.</summary>
    private Errno WriteHeader()
    {
        var chunk = Chunk.Rent(ChunkBytes);
        byte[] header = chunk.Bytes;
        header.AsSpan(0, ChunkBytes).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, SNAP_MAGIC);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), _valid ? 1 : 0);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), _version);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), ChunkSize);
        var errno = HeaderIo(BioOp.Write, header);
        if (errno == Errno.None)
            chunk.Dispose();
        return errno;
    }

    /// <summary>chunk_io with metadata set: a worker of the queue ksnaphd does it, and the caller waits.</summary>
    private Errno HeaderIo(BioOp op, byte[] header)
    {
        var errno = Errno.None;
        Kernel.RunAs(Machine.SimulatedKernel.BoundWorker, () => errno = ChunkIo(op, BioFlags.Sync, 0, header));
        return errno;
    }

    /// <summary>area_io for writing: what was copied before, and then this, is safe.</summary>
    private ValueTask<Errno> WriteAreaAsync(BioFlags flags, string? submitter = null) =>
        ChunkIoAsync(BioOp.Write, flags | BioFlags.Preflush | BioFlags.Fua, AreaLocation(_currentArea), Area, submitter);

    /// <summary>chunk_io by who may not be put off: constructors, and those that hold the snapshot's lock.</summary>
    private Errno ChunkIo(BioOp op, BioFlags flags, ulong chunk, byte[] data, ulong maxBioSectors = MaxBioSectors)
    {
        bool failed = false;
        foreach (var bio in Bios(op, flags, chunk, data, maxBioSectors))
            failed |= Kernel.Blocks.SubmitAndWait(bio) != BlkStatus.Ok;
        return failed ? Errno.EIO : Errno.None;
    }

    /// <summary>chunk_io by one who sleeps meanwhile: the submitter that log lines name, or whoever it is that runs.</summary>
    private async ValueTask<Errno> ChunkIoAsync(BioOp op, BioFlags flags, ulong chunk, byte[] data, string? submitter = null)
    {
        var group = new BioGroup(Kernel);
        foreach (var bio in Bios(op, flags | BioFlags.Sync, chunk, data, MaxBioSectors))
            Kernel.RunAs(submitter ?? Kernel.CommandName, () => group.Submit(bio));
        return await group.WaitAsync() == BlkStatus.Ok ? Errno.None : Errno.EIO;
    }

    private IEnumerable<Bio> Bios(BioOp op, BioFlags flags, ulong chunk, byte[] data, ulong maxBioSectors)
    {
        ulong sector = unchecked(ChunkSize * chunk);
        for (ulong done = 0, count; done < ChunkSize; done += count)
        {
            count = Math.Min(ChunkSize - done, maxBioSectors);
            yield return new Bio(Cow, op, flags)
            {
                Sector = unchecked(sector + done),
                SectorCount = count,
                Data = data.AsMemory((int)(done << Sectors.Shift), (int)(count << Sectors.Shift)),
            };
        }
    }
}
