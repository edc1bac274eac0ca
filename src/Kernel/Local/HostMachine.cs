using DmSim.Abi;
using DmSim.Kernel.Vm;

namespace DmSim.Kernel.Local;

/// <summary>
/// This very host as a batch machine. It is only taken when nobody uses device-mapper or loop devices here: a case may remove every
/// mapped device there is. What a case made is removed after it, also when it was interrupted.
/// </summary>
public sealed class HostMachine : IBatchMachine
{
    private const string BlockDevices = "/sys/block";

    private readonly LocalConsent _consent;
    private LocalMachine? _machine;
    private BatchRunner? _runner;
    private GuestTidier? _tidier;

    /// <param name="consent">That the user wants this.</param>
    public HostMachine(LocalConsent consent)
    {
        ArgumentNullException.ThrowIfNull(consent);
        _consent = consent;
    }

    /// <summary>What uname -r says here.</summary>
    public static string Release => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();

    public string Description { get; } = $"kernel {Release}, this machine";

    /// <summary>Not as it was saved: a host has no saved state, and what it showed is all there is to see.</summary>
    public bool IsTidied => false;

    /// <exception cref="SetupException">There is no device-mapper here, or it is in use, or so are loop devices.</exception>
    public async ValueTask<GuestFailure?> ResetAsync(ResetKind kind, CancellationToken cancel = default)
    {
        await DisposeAsync();
        _machine = LocalMachine.Create(_consent);
        var (devices, loops) = (await MappedDevicesAsync(_machine), UsedLoops());
        if (devices.Count > 0 || loops.Count > 0)
        {
            string what = devices.Count > 0 ? $"the mapped device {devices[0]}" : loops[0];
            await _machine.DisposeAsync();
            _machine = null;
            throw new SetupException($"This machine uses {what}, and a sequence may change or remove whatever is there: "
                + "try --on vm, or a machine without mapped devices and loop devices.");
        }
        _tidier = new GuestTidier();
        _machine.Log.TakeNew();
        _machine.Uevents.TakeNew();
        return null;
    }

    public async ValueTask<BatchReply> RunBatchAsync(IReadOnlyList<ScheduledCall> calls, CancellationToken cancel = default)
    {
        var machine = _machine ?? throw new InvalidOperationException("a batch machine is reset before its first batch");
        _runner = new BatchRunner(machine);
        return new BatchReply(await _runner.RunAllAsync(calls, cancel), null);
    }

    /// <exception cref="SetupException">Something of the case cannot be removed.</exception>
    public async ValueTask DisposeAsync()
    {
        if (_machine is not { } machine)
            return;
        _machine = null;
        if (_runner is { } runner && _tidier is { } tidier)
            _ = await tidier.PutBackAsync(machine, runner);
        _runner = null;
        var devices = await MappedDevicesAsync(machine);
        await machine.DisposeAsync();
        if (devices.Count > 0 || UsedLoops() is { Count: > 0 })
            throw new SetupException($"Something of the sequence is still there ({string.Join(", ", devices.Concat(UsedLoops()))}): "
                + "remove it with dmsetup remove and losetup -d.");
    }

    private static async ValueTask<IReadOnlyList<string>> MappedDevicesAsync(LocalMachine machine) =>
        [.. (await GuestTidier.ListAsync(new BatchRunner(machine))).Select(device => device.Name)];

    private static IReadOnlyList<string> UsedLoops() => [.. Directory.EnumerateFileSystemEntries(BlockDevices, "loop*")
        .Where(path => File.Exists(Path.Combine(path, "loop", "backing_file"))).Select(path => $"/dev/{Path.GetFileName(path)}")];
}
