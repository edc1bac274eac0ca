using System.Globalization;
using DmSim.Abi;

namespace DmSim.Kernel.Vm;

/// <summary>What a <see cref="VmMachine"/> is made of.</summary>
public sealed record VmMachineOptions
{
    public required KernelImage Kernel { get; init; }
    public required CacheDirectory Cache { get; init; }

    /// <summary>The published agent.</summary>
    public required string AgentDirectory { get; init; }

    /// <summary>Wall-clock limits: a guest that is silent for so long spins or waits for ever.</summary>
    public TimeSpan BootLimit { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// A guest for fuzzing: it has the targets that the model has not, keeps its log off the console until it panics, panics when a task
    /// hangs, and follows which of device-mapper's functions run.
    /// </summary>
    public bool ForFuzzing { get; init; }

    /// <summary>
    /// After so many batches the saved state is loaded even where the guest could be used again. A load costs as much as several cases:
    /// the emulator has to translate all code anew.
    /// </summary>
    public int BatchesPerSavedState { get; init; } = 150;
}

/// <summary>
/// A real kernel in a small VM. A fresh state is a snapshot taken after boot and loaded again in tens of milliseconds; a case is one
/// batch in one round trip. When the guest crashes, hangs or is killed, the next reset boots a new one.
/// </summary>
public sealed class VmMachine(VmMachineOptions options) : IBatchMachine
{
    /// <summary>A machine that is killed so often while it starts will be once more.</summary>
    private const int MaxKillsInARow = 10;

    private const string ChannelName = "agent";

    /// <summary>
    /// Nothing that counts, checks or accounts for what no case looks at. 112 is X86_FEATURE_REP_GOOD (arch/x86/include/asm/cpufeatures.h):
    /// without it the kernel copies and clears in unrolled loops, which cost less under emulation than "rep movsq". A clock known to be
    /// reliable is not compared with another one twice a second (clocksource_watchdog, kernel/time/clocksource.c): each time that an idle
    /// guest wakes up costs the emulator more than a thousand instructions do.
    /// </summary>
    private const string KernelWords =
        "nohz=on oops=panic audit=0 psi=0 noautogroup lsm=none tsc=reliable clearcpuid=112 rcupdate.rcu_expedited=1 DOTNET_EnableDiagnostics=0";

    /// <summary>
    /// A line on the emulated serial port costs as much as loading a table. A panic speaks whatever the level (panic, kernel/panic.c, 6.1).
    /// 120 seconds of virtual time pass at once where all tasks sleep.
    /// </summary>
    private const string FuzzingWords = " loglevel=1 sysctl.kernel.hung_task_panic=1 sysctl.kernel.softlockup_panic=1 " + AgentImage.ForFuzzing + "=1";

    /// <summary>Replies between two flushes of the guest; 1 when the culprit of a crash is looked for.</summary>
    private const int UsualFlush = 32;

    private QemuProcess? _qemu;
    private uint _run;
    private bool _pristine;

    /// <summary>The last batch came to its end, so that the guest listens.</summary>
    private bool _listens;
    private int _batchesSinceSaved;

    /// <summary>What the guest said of itself; null before the first boot.</summary>
    public GuestHello? Hello { get; private set; }

    /// <summary>How often a guest was booted.</summary>
    public int Boots { get; private set; }

    /// <summary>Process of the VM that is running, for tests that kill it.</summary>
    public int? ProcessId => _qemu?.ProcessId;

    public string Description => $"kernel {Hello?.Release ?? options.Kernel.Release}, QEMU TCG, virtual time";

    public bool IsTidied { get; private set; }

    /// <summary>Resets that went back to the saved state, and those that kept the guest.</summary>
    public (int Saved, int Tidied) Resets { get; private set; }

    public async ValueTask<GuestFailure?> ResetAsync(ResetKind kind, CancellationToken cancel = default)
    {
        if (_qemu is { } running && !running.Exited.IsCompleted)
        {
            if (_pristine && (kind == ResetKind.TidiedIfPossible || !IsTidied))
                return null;
            if (kind == ResetKind.TidiedIfPossible && _listens && _batchesSinceSaved < options.BatchesPerSavedState
                && await TryTidyAsync(running, cancel))
            {
                _pristine = IsTidied = true;
                Resets = Resets with { Tidied = Resets.Tidied + 1 };
                return null;
            }
            running.Console.Clear();
            try
            {
                await WarmState.LoadAsync(running, options.SilenceLimit, cancel);
                StandAtSavedState();
                return null;
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or TimeoutException)
            {
                // The monitor is gone or refuses: this VM is lost, a new one is booted below.
            }
        }
        return await BootAsync(cancel);
    }

    /// <summary>What is killed while it starts is started again: that it was says nothing of the kernel.</summary>
    private async Task<GuestFailure?> BootAsync(CancellationToken cancel)
    {
        for (int kills = 0; ; kills++)
        {
            try
            {
                return await BootOnceAsync(cancel);
            }
            catch (QemuKilledException) when (kills < MaxKillsInARow)
            {
            }
        }
    }

    private async Task<GuestFailure?> BootOnceAsync(CancellationToken cancel)
    {
        await DropAsync();
        var guest = new QemuOptions
        {
            Kernel = options.Kernel,
            Initramfs = await AgentImage.GetAsync(options.Cache, options.Kernel, options.AgentDirectory, options.ForFuzzing, cancel),
            Channels = [ChannelName],
            Snapshots = true,
            Init = AgentImage.Init,
            CommandLine = options.ForFuzzing ? KernelWords + FuzzingWords : KernelWords,
            Cache = options.Cache,
        };
        return await WarmState.StartAsync(options.Cache, guest, state => TryStartFromAsync(state, guest, cancel),
            path => MakeStateAsync(guest, path, cancel), cancel);
    }

    /// <summary>Starts QEMU at the saved state. One that cannot be loaded is deleted.</summary>
    private async Task<bool> TryStartFromAsync(WarmState state, QemuOptions guest, CancellationToken cancel)
    {
        if (!GuestHello.TryDecode(state.Said, out var hello) || await state.TryStartAsync(guest, options.SilenceLimit, cancel) is not { } qemu)
            return false;
        _qemu = qemu;
        Hello = hello;
        Boots++;
        StandAtSavedState();
        return true;
    }

    private void StandAtSavedState()
    {
        _pristine = true;
        IsTidied = false;
        _batchesSinceSaved = 0;
        Resets = Resets with { Saved = Resets.Saved + 1 };
    }

    /// <summary>Has the guest put everything back itself; false when it cannot, or does not answer.</summary>
    private async Task<bool> TryTidyAsync(QemuProcess qemu, CancellationToken cancel)
    {
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        watch.CancelAfter(options.SilenceLimit);
        uint run = unchecked(++_run);
        try
        {
            await SendAsync(qemu, LinkFrameKind.Tidy, run, [], watch.Token);
            await qemu.ContinueAsync(watch.Token);
            while (await NextAsync(qemu, watch.Token) is { } frame)
            {
                if (frame.Run != run)
                    continue;
                await qemu.PauseAsync(watch.Token);
                if (frame.Kind == LinkFrameKind.AgentFault)
                    throw new InvalidOperationException("the agent failed: " + System.Text.Encoding.UTF8.GetString(frame.Payload));
                return frame.Kind == LinkFrameKind.Tidied && frame.Payload.Length == 0 && qemu.Console.Crash is null;
            }
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            // Silent or gone; going back to the saved state shows which.
        }
        return false;
    }

    /// <summary>Boots, has the agent warm up, saves the machine's state, ends.</summary>
    private async Task<GuestFailure?> MakeStateAsync(QemuOptions guest, string path, CancellationToken cancel)
    {
        await using var qemu = await QemuProcess.StartAsync(guest, cancel);
        try
        {
            return await MakeStateAsync(qemu, path, cancel);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException && !cancel.IsCancellationRequested)
        {
            if (await qemu.WasKilledAsync())
                throw new QemuKilledException();
            throw;
        }
    }

    private async Task<GuestFailure?> MakeStateAsync(QemuProcess qemu, string path, CancellationToken cancel)
    {
        if (await ExpectHelloAsync(qemu, options.BootLimit, cancel) is { } silent)
            return silent;
        await SendAsync(qemu, LinkFrameKind.WarmUp, 0, [], cancel);
        if (await ExpectHelloAsync(qemu, options.BootLimit, cancel) is { } cold)
            return cold;
        await WarmState.SaveAsync(qemu, path, Hello!.Encode(), cancel);
        return null;
    }

    private async Task<GuestFailure?> ExpectHelloAsync(QemuProcess qemu, TimeSpan limit, CancellationToken cancel)
    {
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        watch.CancelAfter(limit);
        try
        {
            while (await NextAsync(qemu, watch.Token) is { } frame)
            {
                if (frame.Kind == LinkFrameKind.AgentFault)
                    throw new InvalidOperationException("the agent failed: " + System.Text.Encoding.UTF8.GetString(frame.Payload));
                if (frame.Kind != LinkFrameKind.Hello || !GuestHello.TryDecode(frame.Payload, out var hello))
                    continue;
                Hello = hello;
                return null;
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
        }
        if (await qemu.WasKilledAsync())
            throw new QemuKilledException();
        return new GuestFailure(GuestFailureKind.Boot, -1, qemu.Console.Crash?.Title
            ?? $"the guest said nothing for {limit.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s after its start", qemu.Console.Tail(60));
    }

    public async ValueTask<BatchReply> RunBatchAsync(IReadOnlyList<ScheduledCall> calls, CancellationToken cancel = default)
    {
        var first = await RunOnceAsync(calls, UsualFlush, cancel);
        if (first.Failure is null or { Kind: GuestFailureKind.Lost })
            return first;
        // The guest repeats exactly: once more, each reply sent at once, names the call at which it died.
        if (await ResetAfterFailureAsync(cancel) is not null)
            return first;
        var again = await RunOnceAsync(calls, flushEvery: 1, cancel);
        return again.Failure is null ? first : again;
    }

    private async Task<GuestFailure?> ResetAfterFailureAsync(CancellationToken cancel)
    {
        await DropAsync();
        return await ResetAsync(ResetKind.Saved, cancel);
    }

    private async Task<BatchReply> RunOnceAsync(IReadOnlyList<ScheduledCall> calls, int flushEvery, CancellationToken cancel)
    {
        var qemu = _qemu ?? throw new InvalidOperationException("a batch machine is reset before its first batch");
        _pristine = _listens = false;
        _batchesSinceSaved++;
        uint run = unchecked(++_run);
        var replies = new List<MachineReply>(calls.Count);
        try
        {
            byte[] payload = BatchRequest.Encode(flushEvery, calls);
            // The request is in the guest's queue before its CPU goes on; what does not fit follows while it runs.
            var sending = SendAsync(qemu, LinkFrameKind.RunBatch, run, payload, cancel).AsTask();
            await qemu.ContinueAsync(cancel);
            await sending;
            while (true)
            {
                using var watch = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                watch.CancelAfter(options.SilenceLimit);
                var frame = await NextAsync(qemu, watch.Token);
                if (frame is null)
                    return await LostAsync(qemu, replies);
                if (frame.Value.Run != run)
                    continue;
                switch (frame.Value.Kind)
                {
                    case LinkFrameKind.Replies when CallCodec.TryDecodeReplies(frame.Value.Payload, out var more):
                        replies.AddRange(more);
                        break;
                    case LinkFrameKind.BatchDone:
                        await qemu.PauseAsync(cancel);
                        _listens = true;
                        return Done(qemu, replies);
                    case LinkFrameKind.AgentFault:
                        throw new InvalidOperationException("the agent failed: " + System.Text.Encoding.UTF8.GetString(frame.Value.Payload));
                    default:
                        throw new InvalidOperationException($"the agent sent an unexpected frame ({frame.Value.Kind})");
                }
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return await SilentAsync(qemu, replies);
        }
        catch (IOException)
        {
            return await LostAsync(qemu, replies);
        }
    }

    /// <summary>A finished batch; a warning on the console makes it a failure all the same.</summary>
    private static BatchReply Done(QemuProcess qemu, List<MachineReply> replies) => new(replies,
        qemu.Console.Crash is { } crash
            ? new GuestFailure(GuestFailureKind.Crash, replies.Count - 1, crash.Title, qemu.Console.Tail(100)) : null);

    private async Task<BatchReply> SilentAsync(QemuProcess qemu, List<MachineReply> replies)
    {
        var failure = qemu.Console.Crash is { } crash
            ? new GuestFailure(GuestFailureKind.Crash, replies.Count, crash.Title, qemu.Console.Tail(100))
            : new GuestFailure(GuestFailureKind.Hang, replies.Count,
                $"no answer for {options.SilenceLimit.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s", qemu.Console.Tail(60));
        await DropAsync();
        return new BatchReply(replies, failure);
    }

    private async Task<BatchReply> LostAsync(QemuProcess qemu, List<MachineReply> replies)
    {
        await Task.WhenAny(qemu.Exited, Task.Delay(TimeSpan.FromSeconds(5)));
        var failure = qemu.Console.Crash is { } crash
            ? new GuestFailure(GuestFailureKind.Crash, replies.Count, crash.Title, qemu.Console.Tail(100))
            : new GuestFailure(GuestFailureKind.Lost, replies.Count, "the virtual machine ended", qemu.Console.Tail(60));
        await DropAsync();
        return new BatchReply(replies, failure);
    }

    private static async ValueTask SendAsync(QemuProcess qemu, LinkFrameKind kind, uint run, byte[] payload, CancellationToken cancel) =>
        await qemu.Channel(ChannelName).WriteAsync(LinkFrame.Build(kind, run, payload), cancel);

    private static ValueTask<(LinkFrameKind Kind, uint Run, byte[] Payload)?> NextAsync(QemuProcess qemu, CancellationToken cancel) =>
        LinkFrame.ReadAsync(memory => qemu.Channel(ChannelName).ReadAsync(memory, cancel));

    private async Task DropAsync()
    {
        if (_qemu is { } qemu)
            await qemu.DisposeAsync();
        _qemu = null;
        _pristine = false;
    }

    public async ValueTask DisposeAsync() => await DropAsync();
}
