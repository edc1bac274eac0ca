using System.Globalization;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Kernel.Local;

/// <summary>
/// Puts a guest back to how it was before a batch, and checks that: the next case then runs in the same guest, whose code the
/// emulator has translated already. Where anything is left the answer says what, and the host goes back to the saved state.
/// </summary>
/// <remarks>
/// What stays behind of a case although nothing shows it here: kernel threads' numbers, addresses, memory that was used before. So a
/// difference that was seen in a tidied guest is always looked for again from the saved state.
/// </remarks>
public sealed class GuestTidier
{
    /// <summary>For a call that should take no time at all.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>DEFAULT_RATELIMIT_INTERVAL (include/linux/ratelimit_types.h, 6.1) is five seconds; what was limited is free again after it.</summary>
    private static readonly TimeSpan RateLimitInterval = TimeSpan.FromMilliseconds(5100);

    /// <summary>DEFAULT_RATELIMIT_BURST: from here on lines may be missing, and the next one would tell how many.</summary>
    private const int RateLimitBurst = 10;

    private const string BlockDevices = "/sys/block";
    private const string LoopName = "loop";

    private readonly string _modules = Modules();
    private readonly HashSet<string> _devices = [.. BlockDeviceNames()];

    /// <summary>Uses of modules, block devices: as they are now, so they shall be after each batch.</summary>
    public GuestTidier() => Libc.PrepareForInterrupts();

    /// <summary>Null when the machine is as it was when this was made, otherwise what is not.</summary>
    /// <param name="machine">The machine of the batch.</param>
    /// <param name="runner">What made its calls.</param>
    public async ValueTask<string?> TidyAsync(LocalMachine machine, BatchRunner runner)
    {
        var limited = MayHaveBeenLimited(machine.LoggedLines);
        if (limited.FirstOrDefault(text => !LogLimits.CanRenew(text)) is { } unknown)
            return $"the log may have passed a rate limit: {unknown}";
        if (await PutBackAsync(machine, runner) is { } stuck)
            return stuck;
        if (limited.Count > 0)
        {
            if (await LogLimits.RenewAsync(machine, limited) is { } refused)
                return refused;
            await machine.Clock.AdvanceToAsync(machine.Clock.Now + RateLimitInterval);
        }
        return await WhatIsLeftAsync(runner);
    }

    /// <summary>
    /// Ends what waits, removes every mapped device, detaches the machine's loop devices, and waits until the limits of log lines are fresh.
    /// Null, or what did not let itself be put back.
    /// </summary>
    internal async ValueTask<string?> PutBackAsync(LocalMachine machine, BatchRunner runner)
    {
        // Nothing but a signal ends the wait for a device that never had a table (dm_wait_event, drivers/md/dm.c, 6.1).
        machine.InterruptCalls();
        if (await WipeAsync(runner) is { } stuck)
            return stuck;
        runner.CloseHandles();
        if (await AskAsync(runner, DmRequest.RemoveAll()) is not MachineReply.Control { Errno: Errno.None })
            return "mapped devices cannot be removed";
        // A removal under way looks every millisecond whether the last user has gone (__dm_destroy, drivers/md/dm.c, 6.1).
        for (int i = 0; i < 50 && await StillPendingAsync(runner); i++)
            await machine.Clock.AdvanceToAsync(machine.Clock.Now + TimeSpan.FromMilliseconds(2));
        if (runner.PendingCalls.Count > 0)
            return $"calls {string.Join(", ", runner.PendingCalls)} have not returned";
        if (await DetachLoopsAsync(machine, runner) is { } attached)
            return attached;
        machine.Log.TakeNew();
        bool quiet = machine.LoggedLines.Count == 0;
        await machine.Clock.AdvanceToAsync(machine.Clock.Now + (quiet ? TimeSpan.FromMilliseconds(100) : RateLimitInterval));
        return null;
    }

    private static async ValueTask<bool> StillPendingAsync(BatchRunner runner)
    {
        await runner.RunAsync(Now(new MachineCall.Collect()));
        return runner.PendingCalls.Count > 0;
    }

    private static ScheduledCall Now(MachineCall call) => new(ScheduledCall.Now, Patience, call);

    private static ValueTask<MachineReply> AskAsync(BatchRunner runner, DmRequest request) =>
        runner.RunAsync(Now(request.ToCall() with { Grow = true }));

    /// <summary>
    /// Every device gets a table that fails: what waits for it comes back with an error, it uses no other device any more, and
    /// its removal wakes who waits for an event (__hash_remove, drivers/md/dm-ioctl.c, 6.1). A pool refuses that; it goes as it is.
    /// </summary>
    private static async ValueTask<string?> WipeAsync(BatchRunner runner)
    {
        foreach (var device in await ListAsync(runner))
        {
            TableLine[] table = [new(Sectors.Zero, new Sectors(8), "error", "")];
            if (await AskAsync(runner, DmRequest.Load(device.Name, table)) is MachineReply.Pending
                || await AskAsync(runner, DmRequest.Resume(device.Name, noFlush: true, noLockfs: true)) is MachineReply.Pending)
                return $"{device.Name} does not let go of its I/O";
        }
        return null;
    }

    internal static async ValueTask<IReadOnlyList<DmListedDevice>> ListAsync(BatchRunner runner) =>
        await AskAsync(runner, DmRequest.ListDevices()) is MachineReply.Control { Errno: Errno.None } answer
        && new DmReply(DmCommand.DM_LIST_DEVICES, answer.Errno, answer.Buffer).TryDevices(out var devices, out _) ? devices : [];

    private async ValueTask<string?> DetachLoopsAsync(LocalMachine machine, BatchRunner runner)
    {
        foreach (int index in machine.AttachedLoops)
        {
            if (await runner.RunAsync(Now(new MachineCall.LoopDetach(index))) is MachineReply.Pending)
                return $"{LoopName}{index} cannot be detached";
        }
        // A number in a table makes the loop device of that number (loop_probe, drivers/block/loop.c, 6.1).
        foreach (string name in BlockDeviceNames().Where(name => !_devices.Contains(name)))
        {
            if (name.StartsWith(LoopName, StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(LoopName.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index))
                machine.RemoveLoop(index);
        }
        return null;
    }

    private async ValueTask<string?> WhatIsLeftAsync(BatchRunner runner)
    {
        if (await ListAsync(runner) is { Count: > 0 } devices)
            return $"{devices[0].Name} is still there";
        if (!_devices.SetEquals(BlockDeviceNames()))
            return "there are other block devices than before";
        return Modules() == _modules ? null : "modules are in use that were not";
    }

    private static IEnumerable<string> BlockDeviceNames() =>
        Directory.EnumerateFileSystemEntries(BlockDevices).Select(path => Path.GetFileName(path));

    /// <summary>The modules with their use counts (an attached loop device, a mapped device and each of its targets count).</summary>
    private static string Modules() => File.ReadAllText("/proc/modules");

    /// <summary>What is said of a call is always said: DMERR and DMWARN (include/linux/device-mapper.h, 6.1), not their _LIMIT variants.</summary>
    private static bool IsLimited(TimedLine line) => !line.Text.StartsWith("device-mapper: ioctl: ", StringComparison.Ordinal)
        && !line.Text.StartsWith("device-mapper: table: ", StringComparison.Ordinal);

    /// <summary>
    /// Texts that came, within the time of a rate limit, as often as it lets pass, one of each kind; numbers in them do not count. Where
    /// there is none, no line is missing (___ratelimit, lib/ratelimit.c, 6.1).
    /// </summary>
    /// <param name="lines">In the order of their times.</param>
    public static IReadOnlyList<string> MayHaveBeenLimited(IReadOnlyList<TimedLine> lines) => lines.Count < RateLimitBurst ? []
        : [.. lines.Where(IsLimited).GroupBy(line => SourceOf(line.Text), StringComparer.Ordinal).Where(IsBurst).Select(texts => texts.First().Text)];

    /// <summary>What is limited together: a text whatever its numbers; failed requests of any kind (blk_print_req_error, block/blk-mq.c, 6.1).</summary>
    private static string SourceOf(string text) => text.Contains(LogLimits.RequestFailed, StringComparison.Ordinal) ? LogLimits.RequestFailed
        : string.Concat(text.Where(c => !char.IsAsciiDigit(c)));

    private static bool IsBurst(IEnumerable<TimedLine> lines)
    {
        var times = lines.Select(line => line.At).ToArray();
        for (int i = RateLimitBurst - 1; i < times.Length; i++)
        {
            if (times[i] - times[i - (RateLimitBurst - 1)] <= RateLimitInterval)
                return true;
        }
        return false;
    }
}
