using DmSim.Model.Blocks;
using DmSim.Model.Devices;

namespace DmSim.Model.Thin;

/// <summary>
/// struct dm_thin_new_mapping: a change of mappings that is being prepared. For a new block its data are copied or zeroed first; for a
/// discard the I/O to its blocks must have ended.
/// </summary>
internal sealed class NewMapping(ThinVolume volume, VirtualBlock begin, VirtualBlock end, PrisonCell cell)
{
    public ThinVolume Volume { get; } = volume;
    public VirtualBlock Begin { get; } = begin;

    /// <summary>The block behind the last.</summary>
    public VirtualBlock End { get; } = end;

    /// <summary>What keeps others away meanwhile.</summary>
    public PrisonCell Cell { get; } = cell;

    /// <summary>Where Begin lies, or will lie.</summary>
    public DataBlock DataBegin { get; init; }

    public DataBlock DataEnd => new(DataBegin.Value + (End.Value - Begin.Value));

    /// <summary>Of a discard: other devices may have the blocks too.</summary>
    public bool MaybeShared { get; init; }

    /// <summary>prepare_actions: what is still to be done before the blocks can be mapped.</summary>
    public int Actions { get; set; }

    public BlkStatus Status { get; set; }

    /// <summary>The discard; or the write of a whole block, which needs no preparation but itself.</summary>
    public TargetBio? Bio { get; set; }

    /// <summary>saved_bi_end_io: who is told in the end that the write of a whole block is done.</summary>
    public Action<Bio>? SavedEndIo { get; set; }
}

/// <summary>struct dm_thin_endio_hook: what a thin volume remembers of each bio.</summary>
internal sealed class BioHook(ThinVolume volume)
{
    public ThinVolume Volume { get; } = volume;
    public DeferredEntry? SharedRead { get; set; }
    public DeferredEntry? AllIo { get; set; }
    public NewMapping? Overwrite { get; set; }

    /// <summary>Opened when the bio ends: the run of blocks of a discard.</summary>
    public PrisonCell? Cell { get; set; }

    public static BioHook Of(Bio bio) => (BioHook)((TargetBio)bio).PerBioData!;
}
