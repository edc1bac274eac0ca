using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>What is to run on a simulated machine.</summary>
public sealed record HostOptions
{
    public required IHostedMachine Machine { get; init; }

    /// <summary>The program and its words; looked up in PATH.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Whether sleeping costs no time; else the machine's time follows the wall clock.</summary>
    public bool VirtualTime { get; init; }

    /// <summary>What uname(2) calls the release.</summary>
    public required string Release { get; init; }

    /// <summary>Files for the programs to find in /dev/.dmsim, by path.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>Files there whose contents are made whenever one is opened; the machine stands still meanwhile. One char per byte.</summary>
    public IReadOnlyDictionary<string, Func<string>> LiveFiles { get; init; } = new Dictionary<string, Func<string>>();

    /// <summary>Hears what the programs do; null when nobody wants to.</summary>
    public IHostObserver? Observer { get; init; }

    /// <summary>
    /// Answers the questions of programs inside: the words, and what comes back. Called inside the simulation, so it may look at the machine.
    /// </summary>
    public Func<HostCaller, string[], HostAnswer> Answer { get; init; } = static (_, _) => new HostAnswer(1, "nobody answers questions here");

}

/// <summary>
/// One simulated machine with real programs on it. The calling process must be root in a user namespace of its own (unshare --user
/// --map-root-user) and does nothing else.
/// </summary>
public sealed class HostSession
{
    /// <summary>What is DmSim's own on the machine.</summary>
    public const string Folder = "/dev/.dmsim";

    /// <summary>Where a file of <see cref="HostOptions.Files"/> is found by its name alone, when it is in "bin/".</summary>
    public const string ProgramFolder = $"{Folder}/bin";

    /// <summary>Where questions are asked.</summary>
    public const string AskPath = $"{Folder}/ask";

    /// <summary>Where FUSE is opened; a machine may have the node elsewhere.</summary>
    public const string FuseVariable = "DMSIM_FUSE";

    private readonly HostOptions _options;
    private readonly WallTime? _wall;
    private readonly VirtualTime? _virtual;
    private readonly Simulation _simulation;
    private readonly DeviceTree _tree;
    private readonly FuseServer _files;
    private readonly Supervisor _supervisor;
    private readonly CallerPaths _paths;
    private readonly Launcher _launcher;
    private readonly int _fuse;

    private HostSession(HostOptions options)
    {
        _options = options;
        IClockMode clock = options.VirtualTime ? _virtual = new VirtualTime() : _wall = new WallTime();
        _fuse = OpenFuse();
        _simulation = new Simulation(options.Machine, clock) { Observer = options.Observer };
        options.Machine.InterruptRaised = _simulation.InterruptRaised;
        if (_wall is not null)
            FileWriter.Start();
        _tree = new DeviceTree(_simulation, new ProcFiles(_simulation, Processes.Read("devices"), Processes.Read("misc")));
        _tree.Folder(_tree.Own, "run");
        foreach (var (path, text) in options.Files)
            PutFile(path, text);
        foreach (var (name, text) in options.LiveFiles)
            _tree.Put(_tree.Own, name, new TextNode(text) { Permissions = 0x124 });
        _tree.Put(_tree.Own, "time", new TextNode(() => "", SetTime) { Permissions = 0x1b6 });
        _tree.Put(_tree.Own, "ask", new AskNode(Ask) { Permissions = 0x1b6 });
        var claims = new Claims();
        var programs = new ProgramsInside(() => _launcher?.Process ?? 0, () => Volatile.Read(ref _joinedProcesses));
        _virtual?.Watch(programs);
        _files = new FuseServer(_fuse, _simulation, _tree, claims, programs);
        _supervisor = new Supervisor(_simulation);
        _paths = new CallerPaths(_tree);
        _ = new PathTraps(_simulation, _tree, _supervisor, _paths, claims) { ProgramBegins = _virtual is null ? null : SharedClockCode.Redirect };
        var ioctls = new IoctlTraps(_simulation, _supervisor, _paths, _files);
        options.Machine.PathLookup = path => _tree.LookUp(path.StartsWith('/') || ioctls.Folder is null ? path : $"{ioctls.Folder}/{path}");
        _ = new FileSystemTraps(_simulation, _tree, _supervisor, _paths, _files);
        _ = new SystemTraps(_simulation, _supervisor, options.Release);
        if (_virtual is not null)
            _ = new SleepTraps(_simulation, _supervisor, _virtual, new ClockTraps(_simulation, _supervisor, _virtual));
        _launcher = new Launcher(options.VirtualTime, options.Command, ProgramEnvironment());
    }

    /// <summary>"stop" and "go" let virtual time stand still, while a person reads.</summary>
    private Errno SetTime(string text)
    {
        if (_virtual is not { } clock || text.Trim() is not (("stop" or "go") and var word))
            return Errno.EINVAL;
        clock.StandsStill = word == "stop";
        return Errno.None;
    }

    private void PutFile(string path, string text)
    {
        string[] parts = path.Split('/');
        var folder = parts[..^1].Aggregate(_tree.Own, _tree.Folder);
        _tree.Put(folder, parts[^1], new TextNode(() => text) { Permissions = 0x1ed });
    }

    /// <summary>"time" is ours, as the clock is; the rest is for who made the session.</summary>
    private HostAnswer Ask(HostCaller caller, string[] words) => words[0] switch
    {
        "time" => Time(words[1..]),
        HostAttachment.ClockQuestion => new HostAnswer(0, _virtual is null ? "wall" : HostAttachment.VirtualClock),
        HostAttachment.ProcessorQuestion => new HostAnswer(0, _processor.ToString(CultureInfo.InvariantCulture)),
        HostAttachment.AttachQuestion => Attach(caller, words),
        _ => _options.Answer(caller, words),
    };

    private ImmutableList<int> _joinedProcesses = [];

    /// <summary>A process that has joined starts a program under a filter, and has that filter's listener.</summary>
    private HostAnswer Attach(HostCaller caller, string[] words)
    {
        int process = Processes.GroupOf(caller.Thread);
        if (!int.TryParse(words.ElementAtOrDefault(1), out int descriptor)
            || Libc.TakeDescriptor(process, descriptor, out int listener) is not Errno.None)
            return new HostAnswer(3, "This kernel does not let a running shell be joined: it must be 5.6 or newer.");
        ImmutableInterlocked.Update(ref _joinedProcesses, list => list.Add(process));
        Start("joined", () =>
        {
            StayOnProcessor();
            JoinMounts();
            _supervisor.Serve(listener);
            Libc.Close(listener);
            ImmutableInterlocked.Update(ref _joinedProcesses, list => list.Remove(process));
        });
        return new HostAnswer(0, "");
    }

    /// <summary>Says what time it is on the machine, in seconds since its start, after moving its clock when a time is given.</summary>
    private HostAnswer Time(string[] words)
    {
        if (words.Length > 0)
        {
            if (!TimeText.TryParse(words[0], out var time))
                return new HostAnswer(4, $"{words[0]} is no time: give one such as +60s, +1.5m or +200ms");
            if (_wall is not null)
                _wall.Skip(_simulation, time);
            else
                _simulation.AdvanceTo(_simulation.Machine.Clock.Now + time);
        }
        return new HostAnswer(0, string.Create(CultureInfo.InvariantCulture, $"{_simulation.Machine.Clock.Now.TotalSeconds:F6}\n"));
    }

    /// <summary>What programs inside find in their environment: the caller's own, and what they need here.</summary>
    internal static Dictionary<string, string> ProgramEnvironment()
    {
        var variables = new Dictionary<string, string>();
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
            variables[(string)variable.Key] = (string?)variable.Value ?? "";
        foreach (string own in variables.Keys.Where(name => name.StartsWith("DMSIM_INSIDE", StringComparison.Ordinal)).ToList())
            variables.Remove(own);
        // Ours, too: see HostedRun.
        if (variables.GetValueOrDefault("DOTNET_EnableDiagnostics") == "0")
            variables.Remove("DOTNET_EnableDiagnostics");
        // No udev here: libdevmapper makes the nodes in /dev/mapper itself.
        variables["DM_DISABLE_UDEV"] = "1";
        variables["LVM_SUPPRESS_FD_WARNINGS"] = "1";
        string path = variables.GetValueOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
        foreach (string folder in (string[])["/usr/local/sbin", "/usr/sbin", "/sbin"])
            if (!path.Split(':').Contains(folder))
                path += ":" + folder;
        variables["PATH"] = $"{Folder}/sbin:{path}:{ProgramFolder}";
        return variables;
    }

    private static int OpenFuse()
    {
        string path = Environment.GetEnvironmentVariable(FuseVariable) ?? "/dev/fuse";
        var errno = Libc.Open(path, Libc.O_RDWR | Libc.O_CLOEXEC, 0, out int fd);
        return errno switch
        {
            Errno.None => fd,
            Errno.EACCES or Errno.EPERM => throw HostRefusedException.Missing($"{path} cannot be opened ({errno}):",
                $"an administrator can allow it with 'chmod 666 {path}', as udev does on most systems."),
            _ => throw HostRefusedException.Missing($"{path} cannot be opened ({errno}):", "an administrator can provide it with 'modprobe fuse'."),
        };
    }

    /// <summary>Where a program is that is started by its name alone; null when it is nowhere.</summary>
    public static string? FindProgram(string name) => Launcher.FindProgram(name);

    /// <summary>Runs the command to its end and answers its exit status.</summary>
    public static int Run(HostOptions options)
    {
        Mishap.DetailsFile = Path.Combine(Path.GetTempPath(), $"dmsim-mistake-{Environment.ProcessId}.txt");
        // Touched here, while /proc is still the one that numbers as we do.
        _ = Processes.Proc;
        SharedClockCode.Prepare();
        return new HostSession(options).Run();
    }

    /// <summary>
    /// The machine has one processor, and so have its programs: whoever asks and whoever answers take turns anyway. On two, each turn
    /// would have to wake a processor that has gone to sleep meanwhile, which takes longer than most answers (ten times as long for
    /// 64 KiB, in a virtual machine).
    /// </summary>
    private readonly int _processor = Libc.Processor;

    /// <summary>Where that is forbidden, all is only slower.</summary>
    private void StayOnProcessor() => _ = Libc.StayOnProcessor(_processor);

    private int Run()
    {
        int status = -1;
        Exception? failure = null;
        using var signals = new Signals(() => _launcher.Process);
        // All threads start here: one that the launcher started would be in its mount namespace, with its /proc.
        Start("fuse", () =>
        {
            StayOnProcessor();
            _mounted.Wait();
            _files.Serve();
        });
        Start("supervisor", Supervise);
        Start("clock", () =>
        {
            _wall?.Run(_simulation);
            _virtual?.Run(_simulation, new IdleWatch(_files, _supervisor, () => _launcher.Process, () => Volatile.Read(ref _joinedProcesses)).Rests);
        });
        var launch = new Thread(() =>
        {
            try
            {
                status = Launch();
            }
            catch (Exception e)
            {
                failure = e;
            }
        }) { Name = "launcher" };
        launch.Start();
        launch.Join();
        // The lock is taken for good: what the threads still do can no longer change anything.
        _simulation.Enter();
        FileWriter.Running?.Settle();
        return failure switch
        {
            null => signals.Status ?? status,
            HostRefusedException refusal => throw refusal,
            _ => throw new InvalidOperationException(failure.Message, failure),
        };
    }

    private readonly Bell _mounted = new(), _covered = new(), _joined = new();
    private int _mountNamespace;

    private int Launch()
    {
        StayOnProcessor();
        var errno = Libc.Unshare(Libc.CLONE_NEWNS);
        if (errno != Errno.None)
            throw HostRefusedException.Missing($"A mount namespace cannot be had here ({errno}):",
                "an administrator can allow user namespaces with 'sysctl user.max_user_namespaces=10000'.");
        _paths.FileSystem = Mounts.Make(_fuse, _mounted.Ring);
        Libc.OpenAt(Libc.AT_FDCWD, "/proc/thread-self/ns/mnt", Libc.O_RDONLY | Libc.O_CLOEXEC, out _mountNamespace);
        _covered.Ring();
        _joined.Wait();
        return _launcher.Run();
    }

    /// <summary>Joins the programs' mount namespace, so that a path means the same here as to them.</summary>
    private void Supervise()
    {
        StayOnProcessor();
        _covered.Wait();
        JoinMounts();
        _joined.Ring();
        // The listener is there as soon as the filter is; nothing may be waited for on the filtered thread.
        var wait = new SpinWait();
        while (_launcher.Listener == 0)
            wait.SpinOnce(1);
        _supervisor.Serve(_launcher.Listener);
    }

    private void JoinMounts()
    {
        if (Libc.Unshare(Libc.CLONE_FS) is not Errno.None || Libc.JoinNamespace(_mountNamespace, Libc.CLONE_NEWNS) is not Errno.None)
            throw new InvalidOperationException("the supervisor cannot join the programs' mounts");
    }

    private static void Start(string name, Action work)
    {
        var thread = new Thread(() =>
        {
            try
            {
                work();
            }
            catch (Exception e)
            {
                Mishap.End(e);
            }
        }) { Name = name, IsBackground = true };
        thread.Start();
    }
}

/// <summary>
/// Signals to the supervisor: what the terminal sends to everybody is the programs' to deal with; who asks it to end means them all.
/// </summary>
internal sealed class Signals : IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations;

    public Signals(Func<int> firstProcess)
    {
        _registrations = [
            .. ((PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGTSTP])
                .Select(signal => PosixSignalRegistration.Create(signal, context => context.Cancel = true)),
            .. ((PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGHUP]).Select(signal => PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Status = 128 + (signal == PosixSignal.SIGTERM ? 15 : 1);
                if (firstProcess() is > 0 and var process)
                    _ = Libc.Kill(process, Libc.SIGKILL);
            })),
        ];
    }

    /// <summary>The exit status when a signal has ended it all.</summary>
    public int? Status { get; private set; }

    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());
}

/// <summary>"60s", "+1.5m", "200ms": a time that a person types.</summary>
public static class TimeText
{
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("us", 0.000001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)];

    public static bool TryParse(string text, out TimeSpan time)
    {
        time = default;
        string number = text.TrimStart('+');
        foreach (var (unit, seconds) in Units)
        {
            if (!number.EndsWith(unit, StringComparison.Ordinal))
                continue;
            bool valid = double.TryParse(number[..^unit.Length], NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture, out double value) && value * seconds < 1e9;
            time = valid ? TimeSpan.FromSeconds(value * seconds) : default;
            return valid;
        }
        return false;
    }
}
