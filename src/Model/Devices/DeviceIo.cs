using DmSim.Model.Blocks;

namespace DmSim.Model.Devices;

/// <summary>struct dm_io: a bio to a mapped device, or the piece of it that is sent to one target, until its clones have ended.</summary>
internal sealed class DeviceIo
{
    private readonly ulong _sector;
    private readonly Memory<byte> _data;

    public DeviceIo(MappedDevice owner, Bio original)
    {
        Owner = owner;
        Original = original;
        _sector = original.Sector;
        _data = original.Data;
    }

    public MappedDevice Owner { get; }

    /// <summary>The bio that was submitted to the mapped device.</summary>
    public Bio Original { get; private set; }

    /// <summary>One for whoever submits, one for a clone (alloc_io).</summary>
    public int References { get; set; } = 2;

    public BlkStatus Status { get; set; }

    /// <summary>Sectors of the piece.</summary>
    public ulong Length { get; private set; }

    /// <summary>DM_IO_WAS_SPLIT: the piece is not the whole original.</summary>
    public bool WasSplit { get; private set; }

    /// <summary>setup_split_accounting.</summary>
    public void SetLength(ulong length, ulong left)
    {
        Length = length;
        WasSplit = left > length;
    }

    /// <summary>The part of dm_accept_partial_bio that concerns the whole.</summary>
    public void ShortenTo(ulong length)
    {
        Length = length;
        WasSplit = true;
    }

    /// <summary>dm_io_dec_pending. An error stands until another one comes, only a push-back during a noflush suspend outlives all.</summary>
    public void DropReference(BlkStatus status)
    {
        if (status != BlkStatus.Ok && !(Status == BlkStatus.DmRequeue && Owner.NoflushSuspending))
            Status = status;
        if (--References == 0)
            Owner.CompleteIo(this, firstStage: WasSplit);
    }

    /// <summary>
    /// dm_io_rewind (drivers/md/dm-io-rewind.c): the original has moved on to its later pieces, so that this one gets a bio of its own
    /// to be done over.
    /// </summary>
    public void Rewind()
    {
        var again = new Bio(Original)
        {
            Sector = _sector,
            SectorCount = Length,
            Data = _data.IsEmpty ? _data : _data[..(int)(Length * Abi.Sectors.BytesPerSector)],
        };
        again.ChainTo(Original);
        // The original counted this piece when it was split.
        Original.DecRemaining();
        Original = again;
    }
}
