using DmSim.Model.Blocks;
using DmSim.Model.Targets;

namespace DmSim.Model.Devices;

/// <summary>
/// struct dm_target_io: the clone of a bio, or of a piece of it, that one target maps. Its <see cref="Bio.Sector"/> is on the mapped
/// device until the target has moved it.
/// </summary>
public class TargetBio : Bio
{
    private static readonly Action<Bio> CloneEndIo = static bio => ((TargetBio)bio).Ended();

    /// <summary>The first clone.</summary>
    private protected TargetBio(Bio original)
        : base(original)
    {
        Io = (DeviceIo)this;
        EndIo = CloneEndIo;
    }

    /// <summary>The first clone of another bio, once it has ended.</summary>
    private protected void ReuseFor(Bio original)
    {
        ReuseAsClone(original);
        EndIo = CloneEndIo;
        (Target, PerBioData) = (null, null);
    }

    /// <summary>One more.</summary>
    internal TargetBio(DeviceIo io)
        : base(io.Original)
    {
        Io = io;
        EndIo = CloneEndIo;
        if (!io.SendsFlush)
            return;
        // Cloned from a fresh bio, which no task has submitted.
        Sector = 0;
        Flags = BioFlags.Preflush | BioFlags.Sync;
        HasPriority = false;
    }

    internal DeviceIo Io { get; }

    /// <summary>Null where a flush bypasses the targets.</summary>
    public Target? Target { get; private set; }

    /// <summary>Which of the clones it is when a target asked for several (dm_bio_get_target_bio_nr).</summary>
    public uint TargetBioNr { get; private set; }

    /// <summary>Before it is mapped.</summary>
    internal void SendTo(Target? target, uint number, bool fromCache)
    {
        Target = target;
        TargetBioNr = number;
        ComesFromCache(fromCache);
        Truncate(Io.Length);
    }

    /// <summary>dm_per_bio_data: for the target's own use.</summary>
    public object? PerBioData { get; set; }

    /// <summary>
    /// dm_accept_partial_bio, from Map only and not with several clones: the target takes the first sectors, and gets the rest in
    /// another bio.
    /// </summary>
    public void AcceptPartial(ulong sectors)
    {
        Io.ShortenTo(Io.Length - (SectorCount - sectors));
        Truncate(sectors);
    }

    /// <summary>dm_submit_bio_remap: to where the target has moved it; from now on statistics count it.</summary>
    internal void SubmitRemapped()
    {
        Io.StartAccounting();
        Io.Owner.Kernel.Blocks.Submit(this);
    }

    /// <summary>clone_endio.</summary>
    private void Ended()
    {
        var status = Status;
        if (status == BlkStatus.Target)
            Io.Owner.DisableWhatFailed(this);
        switch (Target?.EndIo(this, ref status) ?? EndIoResult.Done)
        {
            case EndIoResult.Done:
                break;
            case EndIoResult.Requeue:
                status = BlkStatus.DmRequeue;
                break;
            case EndIoResult.Incomplete:
                return;
            default:
                throw new InvalidOperationException($"{Target?.Type.Name} answered an unknown end_io result");
        }
        Io.DropReference(status);
    }
}
