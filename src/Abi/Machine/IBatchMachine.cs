namespace DmSim.Abi;

/// <summary>
/// A machine that can be put back to a fresh state and then takes a whole case as one batch, in one round trip. VmMachine is
/// the kernel behind it; any <see cref="IMachine"/> becomes one with a <see cref="BatchRunner"/>.
/// </summary>
public interface IBatchMachine : IAsyncDisposable
{
    /// <summary>Which machine answers, for reports: "kernel 6.1.0-53-cloud-amd64, QEMU TCG" or "model 6.1".</summary>
    string Description { get; }

    /// <summary>
    /// Whether the state that the last reset brought about was tidied up after an earlier batch. What is seen then is believed when
    /// it is as expected; anything else is to be seen again from the saved state.
    /// </summary>
    bool IsTidied { get; }

    /// <summary>
    /// Brings the machine to the state after boot: no mapped devices, no loop devices attached, empty log. Boots a new guest
    /// when the old one has died. Answers what went wrong, or null.
    /// </summary>
    ValueTask<GuestFailure?> ResetAsync(ResetKind kind, CancellationToken cancel = default);

    /// <summary>
    /// Makes the calls in order with one <see cref="BatchRunner"/> whose instant zero is now. On a failure of the guest the replies
    /// are those that arrived before it, and the machine is of no use until the next reset.
    /// </summary>
    ValueTask<BatchReply> RunBatchAsync(IReadOnlyList<ScheduledCall> calls, CancellationToken cancel = default);
}

/// <param name="Replies">One per call, in order; fewer than calls only when <paramref name="Failure"/> is set.</param>
/// <param name="Failure">Why the guest did not finish, or null.</param>
public sealed record BatchReply(IReadOnlyList<MachineReply> Replies, GuestFailure? Failure);

public enum ResetKind
{
    /// <summary>The saved state, bit for bit the same each time.</summary>
    Saved,

    /// <summary>
    /// The guest that is running, if it could put everything back itself and checked that; otherwise the saved state. Many times
    /// cheaper, because the emulator keeps the code it has translated.
    /// </summary>
    TidiedIfPossible,
}

public enum GuestFailureKind
{
    /// <summary>The console shows an oops, BUG, WARNING or panic.</summary>
    Crash,
    /// <summary>No answer within the wall-clock limit: the guest spins or waits for ever.</summary>
    Hang,
    /// <summary>The link or the emulator ended without a word on the console.</summary>
    Lost,
    /// <summary>The guest did not come up at all.</summary>
    Boot,
}

/// <summary>The guest died or fell silent.</summary>
/// <param name="CallIndex">The call of the batch during which it happened; -1 when outside a batch or unknown.</param>
/// <param name="Summary">One sentence: the line of the console that says it, or what did not arrive.</param>
/// <param name="Console">The console around it, oldest line first.</param>
public sealed record GuestFailure(GuestFailureKind Kind, int CallIndex, string Summary, IReadOnlyList<string> Console);
