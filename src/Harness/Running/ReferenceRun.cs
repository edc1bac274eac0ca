using System.Runtime.InteropServices;
using DmSim.Abi;
using DmSim.Harness.Lowering;
using DmSim.Harness.Metadata;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Running;

/// <summary>A case as it went on the reference machine, with the schedule that makes every other machine do the same.</summary>
public sealed class ReferenceRun
{
    private readonly CaseHistory _history;
    private readonly IReadOnlyList<MachineReply> _replies;
    private readonly Predicate<int> _spoilt;

    private ReferenceRun(OperationSequence sequence, CaseStepper stepper, ReferenceFailure? failure)
    {
        Sequence = sequence;
        Steps = stepper.Steps;
        Failure = failure;
        _history = stepper.History;
        _replies = stepper.Replies;
        _spoilt = stepper.IsSpoiltMetadata;
    }

    /// <summary>What was done, as a sequence that can be run again.</summary>
    public OperationSequence Sequence { get; }

    /// <summary>The set-up, one step per operation, the end.</summary>
    public IReadOnlyList<StepRecord> Steps { get; }

    public IReadOnlyList<ScheduledCall> Schedule => _history.Schedule;

    /// <summary>The reference threw: a bug of ours. The steps are those before.</summary>
    public ReferenceFailure? Failure { get; }

    /// <param name="machine">A fresh machine; it belongs to the caller.</param>
    public static async ValueTask<ReferenceRun> RunAsync(IMachine machine, IOperationSource source, LookPolicy policy)
    {
        var stepper = new CaseStepper(machine, policy);
        var operations = new List<Operation>();
        ReferenceFailure? failure = null;
        try
        {
            await stepper.SetUpAsync(source.Loops);
            while (source.Next(stepper.World) is { } operation)
            {
                operations.Add(operation);
                await stepper.StepAsync(operation);
            }
            await stepper.FinishAsync();
        }
        // Whatever a machine throws is the finding: it is reported with the sequence that provokes it, and the campaign goes on.
        catch (Exception e) when (e is not OperationCanceledException)
        {
            failure = new ReferenceFailure(stepper.Steps.Count, operations.Count == 0 ? null : operations[^1], e);
        }
        return new ReferenceRun(new OperationSequence(source.Loops, ValueList.From(operations)), stepper, failure);
    }

    /// <summary>
    /// The outcome of each step on another machine, given its replies to <see cref="Schedule"/>, as far as they go. Lazy, so that reading
    /// ends where the comparison does.
    /// </summary>
    public IEnumerable<StepOutcome> Decode(IReadOnlyList<MachineReply> replies)
    {
        var decoder = new OutcomeDecoder();
        var all = replies as MachineReply[] ?? [.. replies];
        foreach (var step in Steps)
        {
            if (step.FirstCall + step.CallCount > all.Length)
                yield break;
            yield return decoder.Decode(
                CollectionsMarshal.AsSpan(_history.Calls).Slice(step.FirstCall, step.CallCount),
                all.AsSpan(step.FirstCall, step.CallCount), _history, step.Unsent);
        }
    }

    /// <summary>
    /// Where the bytes of the reply to the step's operation first differ from those of another machine; null when they do not, or
    /// when the step made no control call. Digests in outcomes only say that they do.
    /// </summary>
    public string? DifferingByte(StepRecord step, IReadOnlyList<MachineReply> replies)
    {
        for (int i = step.FirstCall; i < step.FirstCall + step.CallCount; i++)
        {
            if (_history.Calls[i].Role != CallRole.Operation
                || _replies[i] is not MachineReply.Control { Buffer: var ours } || replies[i] is not MachineReply.Control { Buffer: var theirs })
                continue;
            int at = ours.AsSpan().CommonPrefixLength(theirs);
            if (at == ours.Length && at == theirs.Length)
                return null;
            return at == Math.Min(ours.Length, theirs.Length)
                ? $"the reply has {ours.Length} bytes on the model, {theirs.Length} on the kernel"
                : $"the first byte of the reply that differs is number {at}: model 0x{ours[at]:x2}, kernel 0x{theirs[at]:x2}";
        }
        return null;
    }

    /// <summary>The metadata that the case left on each machine, where both could be read.</summary>
    public IEnumerable<MetadataPair> MetadataWith(IReadOnlyList<MachineReply> replies)
    {
        for (int i = 0; i < _history.Calls.Count && i < replies.Count; i++)
        {
            if (_history.Calls[i].Role == CallRole.Dump && _replies[i] is MachineReply.Dump { Errno: Errno.None } ours
                && replies[i] is MachineReply.Dump { Errno: Errno.None } theirs)
            {
                int loop = checked((int)_history.Calls[i].Device.Minor);
                yield return new MetadataPair(loop, MetadataPair.Image(ours), MetadataPair.Image(theirs), _spoilt(loop));
            }
        }
    }

    /// <summary>The step that a call of the schedule belongs to; -1 when there is no such call.</summary>
    public int StepOfCall(int callIndex) =>
        callIndex >= 0 && callIndex < _history.Calls.Count ? _history.Calls[callIndex].Step : -1;
}

/// <summary>An exception out of the reference machine.</summary>
/// <param name="Step">The step during which it came.</param>
public sealed record ReferenceFailure(int Step, Operation? Operation, Exception Exception);
