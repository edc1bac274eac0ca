using DmSim.Abi;

namespace DmSim.Model.Blocks;

/// <summary>Operations of a bio (enum req_op, include/linux/blk_types.h).</summary>
public enum BioOp
{
    Read,
    Write,
    Flush,
    Discard,
    SecureErase,
    WriteZeroes,
}

/// <summary>Completion status of a bio (blk_status_t) by the errno it becomes in user space (blk_errors, block/blk-core.c).</summary>
public enum BlkStatus
{
    Ok,
    IoErr,
    NotSupp,
    NoSpc,
    TimeOut,
    Transport,
    Target,
    Medium,
    Resource,
    Again,
    OffLine,
}

/// <summary>
/// One request to a block device: a run of sectors, its data, and who is told when it is done. A bio is submitted once; what a
/// target forwards is a clone of it.
/// </summary>
public sealed class Bio
{
    public required BioOp Op { get; init; }

    /// <summary>First sector, on the device it is (re)submitted to; targets move it.</summary>
    public ulong Sector { get; set; }

    /// <summary>Length in sectors; 0 for an empty flush.</summary>
    public ulong SectorCount { get; set; }

    /// <summary>The caller's memory for Read and Write (SectorCount * 512 bytes); empty for the other operations.</summary>
    public Memory<byte> Data { get; set; }

    /// <summary>REQ_PREFLUSH on a write, or the flush itself.</summary>
    public bool Preflush { get; init; }

    /// <summary>REQ_FUA.</summary>
    public bool Fua { get; init; }

    /// <summary>REQ_NOUNMAP on WriteZeroes: the range must stay allocated.</summary>
    public bool NoUnmap { get; init; }

    /// <summary>Where it goes; targets redirect it here when they answer <see cref="MapResult.Remapped"/>.</summary>
    public required BlockDevice Device { get; set; }

    /// <summary>Called exactly once, on completion.</summary>
    public required Action<Bio, BlkStatus> EndIo { get; init; }

    /// <summary>Which clone this is when a target asked for several (target_bio_nr).</summary>
    public uint TargetBioNr { get; init; }

    /// <summary>Room for the target's per-bio data (dm_per_bio_data).</summary>
    public object? PerBioData { get; set; }

    private bool _ended;

    /// <summary>bio_endio.</summary>
    public void End(BlkStatus status)
    {
        if (_ended)
            throw new InvalidOperationException("a bio was completed twice");
        _ended = true;
        EndIo(this, status);
    }
}
