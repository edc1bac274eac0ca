using System.Diagnostics;
using System.Net.Sockets;

namespace DmSim.Kernel.Vm;

/// <summary>
/// One running QEMU. It dies with this process, and its files with it (or, after a kill -9, at the next start of any dmsim).
/// </summary>
public sealed class QemuProcess : IAsyncDisposable
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(20);

    /// <summary>128 and SIGKILL: somebody, or a kernel that has no memory left, has killed it.</summary>
    private const int KilledStatus = 137;

    /// <summary>From the end of its channels to its own.</summary>
    private static readonly TimeSpan ExitLimit = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly RunDirectory _run;
    private readonly QmpClient _monitor;
    private readonly Dictionary<string, NetworkStream> _channels;
    private readonly Task _console;

    private QemuProcess(Process process, RunDirectory run, QmpClient monitor, Dictionary<string, NetworkStream> channels,
        GuestConsole console, Task consoleEnd)
    {
        _process = process;
        _run = run;
        _monitor = monitor;
        _channels = channels;
        Console = console;
        _console = consoleEnd;
        Exited = WaitAsync();
    }

    public GuestConsole Console { get; }

    /// <summary>Completes with QEMU's exit status, after the last byte of the console has been taken.</summary>
    public Task<int> Exited { get; }

    public int ProcessId => _process.Id;

    /// <summary>The folder for files that belong to this VM only.</summary>
    public RunDirectory Run => _run;

    /// <summary>The host's end of a channel: a byte stream, open from before the guest starts until QEMU ends.</summary>
    public NetworkStream Channel(string name) => _channels[name];

    /// <summary>Starts QEMU; returns when its monitor answers and every channel is connected, before the guest has booted.</summary>
    public static async Task<QemuProcess> StartAsync(QemuOptions options, CancellationToken cancel = default)
    {
        string program = HostPrograms.Need("qemu-system-x86_64", "qemu-system-x86");
        bool kvm = !options.VirtualTime && await KvmProbe.WorksAsync(program, options.Kernel, options.Cache, cancel);
        var run = RunDirectory.Create();
        try
        {
            if (options.SnapshotFile is { } saved)
                SetupException.OnDisk(saved, () => File.Copy(saved, run.File("snapshots.qcow2")));
            else if (options.Snapshots)
                CacheDirectory.WriteWhole(run.File("snapshots.qcow2"), s => QcowImage.Write(s, 1 << 20));
            return await StartAsync(program, QemuCommandLine.Build(options, run, kvm), options, run, cancel);
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    private static async Task<QemuProcess> StartAsync(string program, List<string> words, QemuOptions options, RunDirectory run,
        CancellationToken cancel)
    {
        // We listen and QEMU connects: when it runs, every channel is there.
        using var monitorListener = Listen(run.File("monitor"));
        var listeners = options.Channels.Select((name, i) => (Name: name, Listener: Listen(run.File($"channel{i}")))).ToList();
        var process = await BoundProcess.StartAsync(program, words);
        var console = new GuestConsole();
        var consoleEnd = DrainAsync(process, console, options.ConsoleFile);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        process.StandardInput.Close();
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(ConnectLimit);
            var connected = ConnectAsync(monitorListener, listeners, limit.Token);
            if (await Task.WhenAny(connected, process.WaitForExitAsync(limit.Token)) != connected)
                await limit.CancelAsync();
            var (monitor, channels) = await connected;
            return new QemuProcess(process, run, monitor, channels, console, consoleEnd);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // Its sockets may close a moment before it is gone.
            await Task.WhenAny(process.WaitForExitAsync(CancellationToken.None), Task.Delay(ExitLimit, cancel));
            bool killed = process.HasExited && process.ExitCode == KilledStatus;
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            cancel.ThrowIfCancellationRequested();
            if (killed)
                throw new QemuKilledException();
            throw new SetupException(WhyNotStarted(program, await errors), e);
        }
        finally
        {
            listeners.ForEach(l => l.Listener.Dispose());
        }
    }

    private static async Task<(QmpClient, Dictionary<string, NetworkStream>)> ConnectAsync(Socket monitor,
        List<(string Name, Socket Listener)> listeners, CancellationToken cancel)
    {
        var channels = new Dictionary<string, NetworkStream>();
        foreach (var (name, listener) in listeners)
            channels.Add(name, new NetworkStream(await listener.AcceptAsync(cancel), ownsSocket: true));
        return (await QmpClient.ConnectAsync(await monitor.AcceptAsync(cancel), cancel), channels);
    }

    private static string WhyNotStarted(string program, string errors)
    {
        string last = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault("it said nothing").Trim();
        return $"QEMU did not start ({last}): try '{program} --version', and scripts/setup to install it again.";
    }

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen(1);
        return socket;
    }

    private static async Task DrainAsync(Process process, GuestConsole console, string? file)
    {
        await using var copy = file is null ? null : SetupException.OnDisk(file, () => File.Create(file));
        await console.DrainAsync(process.StandardOutput.BaseStream, copy);
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        await _console;
        return _process.ExitCode;
    }

    /// <summary>Saves the whole machine's state under a name. The guest stands still meanwhile.</summary>
    public Task SaveSnapshotAsync(string name, CancellationToken cancel = default) => HumanAsync($"savevm {name}", cancel);

    /// <summary>
    /// Puts the machine back into a saved state. Bytes that a channel carried but that nobody has read yet survive: make sure that
    /// the guest is silent, or mark what belongs to which run.
    /// </summary>
    public Task LoadSnapshotAsync(string name, CancellationToken cancel = default) => HumanAsync($"loadvm {name}", cancel);

    /// <summary>Stops the virtual CPU. Under virtual time an idle guest runs ahead and eats a host CPU: stop it between requests.</summary>
    public Task PauseAsync(CancellationToken cancel = default) => _monitor.ExecuteAsync("stop", null, cancel);

    public Task ContinueAsync(CancellationToken cancel = default) => _monitor.ExecuteAsync("cont", null, cancel);

    private async Task HumanAsync(string line, CancellationToken cancel)
    {
        string said = await _monitor.HumanAsync(line, cancel);
        if (said.Length > 0)
            throw new InvalidOperationException($"QEMU refused '{line}': {said.Trim()}");
    }

    /// <summary>Has QEMU close its files and end.</summary>
    public async Task QuitAsync(CancellationToken cancel = default)
    {
        await _monitor.ExecuteAsync("quit", null, cancel);
        await Exited.WaitAsync(cancel);
    }

    /// <summary>Of one that does not answer any more: whether it has been killed from outside.</summary>
    public async Task<bool> WasKilledAsync() =>
        await Task.WhenAny(Exited, Task.Delay(ExitLimit)) == Exited && await Exited == KilledStatus && Console.Crash is null;

    /// <summary>Ends QEMU at once.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await Exited;
        _monitor.Dispose();
        foreach (var channel in _channels.Values)
            await channel.DisposeAsync();
        _process.Dispose();
        _run.Dispose();
    }
}
