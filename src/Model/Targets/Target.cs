using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;

namespace DmSim.Model.Targets;

/// <summary>What a target's map function answers (DM_MAPIO_*, include/linux/device-mapper.h).</summary>
public enum MapResult
{
    /// <summary>The target took the bio and will end it itself.</summary>
    Submitted,
    /// <summary>The bio's device and sector were changed; dm submits it there.</summary>
    Remapped,
    Requeue,
    /// <summary>Ends the bio with an I/O error.</summary>
    Kill,
}

/// <summary>What an end_io hook answers (DM_ENDIO_*).</summary>
public enum EndIoResult
{
    Done,
    /// <summary>The target will end the bio later.</summary>
    Incomplete,
    Requeue,
}

/// <summary>Features of a target type (DM_TARGET_*, include/linux/device-mapper.h).</summary>
[Flags]
public enum TargetFeatures
{
    None = 0,
    Singleton = 1,
    AlwaysWriteable = 2,
    Immutable = 4,
    Wildcard = 8,
    Integrity = 16,
    PassesIntegrity = 32,
    ZonedHm = 64,
    Nowait = 128,
    PassesCrypto = 256,
    MixedZonedModel = 512,
}

/// <summary>
/// A kind of target: struct target_type without its functions, and the constructor. One file per type in this folder, one
/// line in <see cref="TargetRegistry"/>.
/// </summary>
public abstract class TargetType
{
    public abstract string Name { get; }

    /// <summary>The version that "dmsetup targets" prints, for the kernel in <paramref name="profile"/>.</summary>
    public (uint Major, uint Minor, uint Patch) Version(Profiles.KernelProfile profile) => profile.TargetVersions[Name];

    public virtual TargetFeatures Features => TargetFeatures.None;

    /// <summary>
    /// The type's ctr: parses the words after the type name. On refusal answers the errno and leaves the reason in
    /// <see cref="TargetArguments.Error"/> (ti->error), null where the kernel gives none.
    /// </summary>
    public abstract Errno Construct(TargetArguments arguments, out Target? target);
}

/// <summary>What a constructor is given: the fresh struct dm_target and the split parameters.</summary>
public sealed class TargetArguments(Table table, TargetType type, Sectors begin, Sectors length, string[] argv)
{
    public Table Table { get; } = table;
    public TargetType Type { get; } = type;
    public Sectors Begin { get; } = begin;
    public Sectors Length { get; } = length;
    public string[] Argv { get; } = argv;

    internal Profiles.KernelProfile Profile => Table.Kernel.Profile;

    /// <summary>ti->error: the words that the kernel logs before the errno.</summary>
    public string? Error { get; set; }

    public Errno Refuse(Errno errno, string error)
    {
        Error = error;
        return errno;
    }
}

public enum StatusType
{
    Info,
    Table,
    Ima,
}

/// <summary>One line of a table, constructed: struct dm_target with the functions of its type.</summary>
public abstract class Target(TargetArguments arguments)
{
    public Table Table { get; } = arguments.Table;
    public TargetType Type { get; } = arguments.Type;
    public Sectors Begin { get; } = arguments.Begin;
    public Sectors Length { get; } = arguments.Length;

    /// <summary>Largest I/O in sectors that the target takes at once, 0 for no limit; boundaries count from Begin.</summary>
    public virtual uint MaxIoLen { get; protected set; }

    public uint NumFlushBios { get; protected set; }
    public uint NumDiscardBios { get; protected set; }
    public uint NumSecureEraseBios { get; protected set; }
    public uint NumWriteZeroesBios { get; protected set; }

    /// <summary>No discard crosses a multiple of the largest that there may be.</summary>
    public bool MaxDiscardGranularity { get; protected set; }

    /// <summary>
    /// What Map answers Submitted for counts in statistics from <see cref="TargetBio.SubmitRemapped"/> on, not at once
    /// (accounts_remapped_io).
    /// </summary>
    public bool AccountsRemappedIo { get; protected set; }

    /// <summary>Discards work whatever the devices below say (discards_supported).</summary>
    public bool DiscardsSupported { get; protected set; }

    /// <summary>The target handles flushes itself (flush_supported).</summary>
    public bool FlushSupported { get; protected set; }

    /// <summary>A flush may go to the devices below without it (flush_bypasses_map).</summary>
    public bool FlushBypassesMap { get; protected set; }

    /// <summary>Moves or answers the bio; its Sector is relative to the mapped device, as in the kernel.</summary>
    public abstract MapResult Map(TargetBio bio);

    /// <summary>
    /// Called when a clone ends, also one that Map answered Submitted for, but not one that was killed; may change the status.
    /// </summary>
    public virtual EndIoResult EndIo(TargetBio bio, ref BlkStatus status) => EndIoResult.Done;

    /// <summary>The status or table text, without the "start length type " head, exactly as the kernel's DMEMITs build it.</summary>
    public virtual string Status(StatusType type, bool noflush) => "";

    /// <summary>Whether the type has a message function; without, the core refuses before asking.</summary>
    public virtual bool HasMessage => false;

    /// <summary>A target message; argv[0] is the command. The answer is null where there is none (the kernel's 0, not 1).</summary>
    public virtual Errno Message(string[] argv, out string? answer) =>
        throw new InvalidOperationException($"{Type.Name} has no messages");

    /// <summary>presuspend, before bios are held back. It may wait for other devices, as the two that follow.</summary>
    public virtual ValueTask PresuspendAsync() => ValueTask.CompletedTask;

    /// <summary>postsuspend, when no bio is on the way any more.</summary>
    public virtual ValueTask PostsuspendAsync() => ValueTask.CompletedTask;

    /// <summary>preresume: may refuse the resume.</summary>
    public virtual Errno Preresume() => Errno.None;

    public virtual ValueTask ResumeAsync() => ValueTask.CompletedTask;

    /// <summary>Calls <paramref name="visit"/> for each data device area, in the kernel's order, until it answers true.</summary>
    public virtual bool IterateDevices(Func<TableDevice, Sectors, Sectors, bool> visit) => false;

    public virtual bool HasIterateDevices => false;

    /// <summary>io_hints: changes the stacked limits.</summary>
    public virtual QueueLimits IoHints(QueueLimits limits) => limits;

    /// <summary>prepare_ioctl: the device that a block ioctl on the mapped device goes to, or null.</summary>
    public virtual (TableDevice? Device, bool PassThrough) PrepareIoctl() => (null, false);

    /// <summary>
    /// A sector of the mapped device as one of the device below, which this target uses from <paramref name="start"/> on. An empty
    /// flush may come from before the target's begin; its sector means nothing and wraps.
    /// </summary>
    protected ulong Remap(Sectors start, ulong sector) => unchecked(start.Value + (sector - Begin.Value));

    /// <summary>What dtr sleeps for before it gives anything back.</summary>
    public virtual ValueTask StopAsync() => ValueTask.CompletedTask;

    /// <summary>dtr: gives back devices and drops pending work.</summary>
    public abstract void Destroy();
}
