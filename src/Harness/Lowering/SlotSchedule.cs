using DmSim.Abi;

namespace DmSim.Harness.Lowering;

/// <summary>
/// When calls are made within a step. Every step has its own slot of virtual time, far longer than any call takes by itself, so that
/// what runs by the clock (delays, flakey's intervals) falls between the same two calls on both machines.
/// </summary>
/// <remarks>
/// Things that generators let fall due by themselves should do so well away from the instants at which calls are made: 50 to 80 or
/// 100 to 120 ms after the start of a slot.
/// </remarks>
public static class SlotSchedule
{
    public static readonly TimeSpan Slot = TimeSpan.FromMilliseconds(125);

    /// <summary>
    /// From the start of the batch, which begins with a tick of the kernel: every instant at which calls are made is half a millisecond off
    /// the ticks, at which timers fire.
    /// </summary>
    public static readonly TimeSpan Start = TimeSpan.FromMilliseconds(0.5);

    /// <summary>From the start of a slot: control operations are made at once, I/O here.</summary>
    public static readonly TimeSpan Io = TimeSpan.FromMilliseconds(40);

    /// <summary>
    /// From the start of a slot: I/O while there is a pool. Its worker commits when more than a second has passed since it last did
    /// (need_commit_due_to_time, drivers/md/dm-thin.c, 6.1), so that no two I/Os should be a second apart: every other eight slots they
    /// come some ticks later.
    /// </summary>
    public static TimeSpan IoWithPool(TimeSpan slot) => slot.Ticks / Slot.Ticks / 8 % 2 == 0 ? Io : Io + TimeSpan.FromMilliseconds(12);

    /// <summary>From the start of a slot: observations begin here.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromMilliseconds(90);

    /// <summary>An operation that has not completed this long before the observations is pending.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(5);

    public static readonly TimeSpan ControlPatience = Look - Margin;

    /// <summary>
    /// Of large I/O longer: by the instructions of whoever makes it alone, it may take as long as others have. Memory for 1.5 MiB is made and
    /// filled for 27 ms of a guest's time (7.3), 400 thin blocks are discarded for as long (5.10). Observations come later then.
    /// </summary>
    public static TimeSpan IoPatience(TimeSpan io, MachineCall call) => (IsLarge(call) ? Slot : Look) - io - Margin;

    private static bool IsLarge(MachineCall call) => call switch
    {
        MachineCall.Read c => c.Length > LargeBytes,
        MachineCall.Write c => c.Length > LargeBytes,
        MachineCall.Discard c => c.Length > LargeBytes,
        MachineCall.SecureErase c => c.Length > LargeBytes,
        MachineCall.ZeroOut c => c.Length > LargeBytes,
        _ => false,
    };

    private const int LargeBytes = 1 << 20;

    /// <summary>Observations are not expected to block; reading a device whole may take its delays many times over.</summary>
    public static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan DigestPatience = TimeSpan.FromSeconds(30);

    /// <summary>The first slot that starts at or after the instant.</summary>
    public static TimeSpan NextSlot(TimeSpan instant) =>
        TimeSpan.FromTicks(checked((instant.Ticks + Slot.Ticks - 1) / Slot.Ticks * Slot.Ticks));
}
