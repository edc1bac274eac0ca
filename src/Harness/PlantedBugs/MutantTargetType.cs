using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Targets;

namespace DmSim.Harness.PlantedBugs;

/// <summary>A way for a target type to be wrong; each hook does as the type does where it is not overridden.</summary>
internal abstract class TargetMutation
{
    /// <summary>The type that is wrong.</summary>
    public abstract string Type { get; }

    /// <summary>Words of the table line as the constructor gets them.</summary>
    public virtual string[] Arguments(string[] argv) => argv;

    /// <summary>The constructor's words of refusal.</summary>
    public virtual string? Refusal(string? error) => error;

    public virtual uint MaxIoLen(Target right) => right.MaxIoLen;

    public virtual MapResult Map(Target right, TargetBio bio) => right.Map(bio);

    /// <param name="argv">The words as user space wrote them.</param>
    public virtual string Status(Target right, StatusType type, bool noflush, string[] argv) => right.Status(type, noflush);

    public virtual ValueTask PresuspendAsync(Target right) => right.PresuspendAsync();

    public virtual Errno Preresume(Target right) => right.Preresume();

    public virtual ValueTask ResumeAsync(Target right) => right.ResumeAsync();

    public virtual QueueLimits IoHints(Target right, QueueLimits limits) => right.IoHints(limits);
}

/// <summary>A target type with a mutation around it.</summary>
internal sealed class MutantTargetType(TargetType right, TargetMutation mutation) : TargetType
{
    public override string Name => right.Name;
    public override TargetFeatures Features => right.Features;

    public override Errno Construct(TargetArguments arguments, out Target? target)
    {
        var given = new TargetArguments(
            arguments.Table, arguments.Type, arguments.Begin, arguments.Length, mutation.Arguments([.. arguments.Argv]));
        var errno = right.Construct(given, out target);
        arguments.Error = mutation.Refusal(given.Error);
        if (target is not null)
            target = new MutantTarget(arguments, target, mutation);
        return errno;
    }
}

/// <summary>A target that does what the right one does, but for what its mutation changes.</summary>
internal sealed class MutantTarget : Target
{
    private readonly Target _right;
    private readonly TargetMutation _mutation;
    private readonly string[] _argv;

    public MutantTarget(TargetArguments arguments, Target right, TargetMutation mutation)
        : base(arguments)
    {
        (_right, _mutation, _argv) = (right, mutation, arguments.Argv);
        NumFlushBios = right.NumFlushBios;
        NumDiscardBios = right.NumDiscardBios;
        NumSecureEraseBios = right.NumSecureEraseBios;
        NumWriteZeroesBios = right.NumWriteZeroesBios;
        DiscardsSupported = right.DiscardsSupported;
        FlushSupported = right.FlushSupported;
    }

    public override uint MaxIoLen => _mutation.MaxIoLen(_right);
    public override MapResult Map(TargetBio bio) => _mutation.Map(_right, bio);
    public override EndIoResult EndIo(TargetBio bio, ref BlkStatus status) => _right.EndIo(bio, ref status);
    public override string Status(StatusType type, bool noflush) => _mutation.Status(_right, type, noflush, _argv);
    public override bool HasMessage => _right.HasMessage;
    public override Errno Message(string[] argv, out string? answer) => _right.Message(argv, out answer);
    public override ValueTask PresuspendAsync() => _mutation.PresuspendAsync(_right);
    public override ValueTask PostsuspendAsync() => _right.PostsuspendAsync();
    public override Errno Preresume() => _mutation.Preresume(_right);
    public override ValueTask ResumeAsync() => _mutation.ResumeAsync(_right);
    public override bool HasIterateDevices => _right.HasIterateDevices;
    public override bool IterateDevices(Func<TableDevice, Sectors, Sectors, bool> visit) => _right.IterateDevices(visit);
    public override QueueLimits IoHints(QueueLimits limits) => _mutation.IoHints(_right, limits);
    public override (TableDevice? Device, bool PassThrough) PrepareIoctl() => _right.PrepareIoctl();
    public override ValueTask StopAsync() => _right.StopAsync();
    public override void Destroy() => _right.Destroy();
}
