using System.Globalization;
using System.Text;

namespace DmSim.Kernel.Vm;

/// <summary>What to run, and where its output goes.</summary>
public sealed record ScriptVmOptions
{
    public required KernelImage Kernel { get; init; }
    public required CacheDirectory Cache { get; init; }

    /// <summary>Run one after another in the same guest, until one fails.</summary>
    public required IReadOnlyList<GuestScript> Scripts { get; init; }

    /// <summary>Gets what the scripts write to standard output, as it comes.</summary>
    public required Stream Output { get; init; }

    /// <summary>Gets what the scripts write to standard error, as it comes.</summary>
    public required Stream Errors { get; init; }

    /// <summary>Called when the guest is up and the first script begins.</summary>
    public Action? Booted { get; init; }

    /// <summary>A guest that has not booted after so much wall time never will.</summary>
    public TimeSpan BootLimit { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The guest's memory; files in its /tmp live there too.</summary>
    public int MemoryMiB { get; init; } = 1024;
}

/// <summary>
/// Runs ordinary bash scripts in a kernel, on virtual time: their sleeps cost nothing. It boots once; the state in which it then waits for
/// scripts is kept in the cache, and later runs begin with it.
/// </summary>
public static class ScriptVm
{
    /// <summary>How long a guest may take to power off when its scripts are done.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(20);

    /// <summary>An oops ends the guest at once, and so does a task that hangs for two virtual minutes: nothing would come after it.</summary>
    private const string KernelWords = "oops=panic hung_task_panic=1 audit=0";

    /// <summary>Loading a saved guest takes a second.</summary>
    private static readonly TimeSpan LoadLimit = TimeSpan.FromSeconds(20);

    /// <exception cref="SetupException">QEMU, a program or the kernel cannot be used.</exception>
    public static async Task<ScriptOutcome> RunAsync(ScriptVmOptions options, CancellationToken cancel = default)
    {
        var guest = new QemuOptions
        {
            Kernel = options.Kernel,
            Initramfs = await ScriptImage.GetAsync(options.Cache, options.Kernel, cancel),
            Channels = ScriptLink.Channels,
            Snapshots = true,
            MemoryMiB = options.MemoryMiB,
            CommandLine = KernelWords,
            Cache = options.Cache,
        };
        QemuProcess? qemu = null;
        var failure = await WarmState.StartAsync(options.Cache, guest,
            async state => (qemu = await state.TryStartAsync(guest, LoadLimit, cancel)) is not null,
            path => BootAsync(guest, path, options, cancel), cancel);
        if (failure is not null)
            return failure;
        await using var running = qemu!;
        return await RunAsync(running, options, cancel);
    }

    /// <summary>Boots the guest and keeps its state; virtual time lets every boot end in the same one. What happened when it does not boot.</summary>
    private static async Task<ScriptOutcome?> BootAsync(QemuOptions guest, string path, ScriptVmOptions options, CancellationToken cancel)
    {
        await using var qemu = await QemuProcess.StartAsync(guest, cancel);
        var control = new StreamReader(qemu.Channel(ScriptLink.Control), Encoding.UTF8);
        if (!await BootsAsync(qemu, control, options.BootLimit, cancel))
            return NotBooted(qemu, options);
        await WarmState.SaveAsync(qemu, path, Encoding.UTF8.GetBytes(ScriptLink.Ready), cancel);
        return null;
    }

    private static async Task<ScriptOutcome> RunAsync(QemuProcess qemu, ScriptVmOptions options, CancellationToken cancel)
    {
        var control = new StreamReader(qemu.Channel(ScriptLink.Control), Encoding.UTF8);
        options.Booted?.Invoke();
        await qemu.ContinueAsync(cancel);
        var output = CopyAsync(qemu.Channel(ScriptLink.Output), options.Output, cancel);
        var errors = CopyAsync(qemu.Channel(ScriptLink.Errors), options.Errors, cancel);
        var status = TalkAsync(qemu, control, options.Scripts, cancel);
        // A reader that is gone (a broken pipe) ends the run: first failure first.
        await foreach (var done in Task.WhenEach(output, errors, status))
            await done;
        return new ScriptOutcome(await status, qemu.Console.Crash, qemu.Console.Tail(60));
    }

    /// <summary>Waits for init's first word; false when none comes.</summary>
    private static async Task<bool> BootsAsync(QemuProcess qemu, StreamReader control, TimeSpan limit, CancellationToken cancel)
    {
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        watch.CancelAfter(limit);
        try
        {
            if (await control.ReadLineAsync(watch.Token) == ScriptLink.Ready)
                return true;
            // The end of the channel comes before the console's last lines.
            await qemu.Exited.WaitAsync(watch.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
        }
        return false;
    }

    private static ScriptOutcome NotBooted(QemuProcess qemu, ScriptVmOptions options)
    {
        var console = qemu.Console.Tail(60);
        if (qemu.Console.Crash is { } crash)
            return new ScriptOutcome(null, crash, console);
        string last = console.Count == 0 ? "its console is empty" : $"its last words: {console[^1]}";
        string how = qemu.Exited.IsCompleted ? "ended"
            : $"was silent for {options.BootLimit.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s";
        throw new SetupException($"The kernel {options.Kernel.Release} {how} before it could run a script ({last}): try one of 'dmsim kernels list'.");
    }

    private static async Task CopyAsync(Stream from, Stream to, CancellationToken cancel)
    {
        byte[] buffer = new byte[1 << 16];
        int count;
        while ((count = await ReadAsync(from, buffer, cancel)) > 0)
        {
            await to.WriteAsync(buffer.AsMemory(0, count), cancel);
            await to.FlushAsync(cancel);
        }
    }

    /// <summary>Sends the scripts and waits for the status; null when the guest ends without one.</summary>
    private static async Task<int?> TalkAsync(QemuProcess qemu, StreamReader control, IReadOnlyList<GuestScript> scripts, CancellationToken cancel)
    {
        var sending = SendAsync(qemu, ScriptLink.Requests(scripts), cancel);
        int? status = null;
        try
        {
            while (status is null && await control.ReadLineAsync(cancel) is { } line)
                status = ScriptLink.TryStatus(line);
        }
        catch (IOException)
        {
            // QEMU was killed: its end of the channel is gone.
        }
        if (await Task.WhenAny(qemu.Exited, Task.Delay(EndLimit, cancel)) != qemu.Exited)
            qemu.Kill();
        await qemu.Exited;
        cancel.ThrowIfCancellationRequested();
        await sending;
        return status;
    }

    /// <summary>A guest that ends before it has read all scripts breaks the channel; the missing status says so already.</summary>
    private static async Task SendAsync(QemuProcess qemu, byte[] requests, CancellationToken cancel)
    {
        try
        {
            await qemu.Channel(ScriptLink.Control).WriteAsync(requests, cancel);
        }
        catch (IOException)
        {
        }
    }

    private static async Task<int> ReadAsync(Stream from, byte[] buffer, CancellationToken cancel)
    {
        try
        {
            return await from.ReadAsync(buffer, cancel);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
