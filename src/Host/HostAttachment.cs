using System.Globalization;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>
/// One more program on a machine that runs already. The calling process must have joined the namespaces of its first process
/// (nsenter --user --mount --pid); it starts the program under a filter of its own, and the machine's supervisor serves that, too.
/// </summary>
public sealed class HostAttachment
{
    /// <summary>What <see cref="HostSession"/> answers to "clock" and "processor", and takes after "attach".</summary>
    internal const string ClockQuestion = "clock", ProcessorQuestion = "processor", AttachQuestion = "attach", VirtualClock = "virtual";

    private readonly Launcher _launcher;

    private HostAttachment(bool virtualTime, IReadOnlyList<string> command) =>
        _launcher = new Launcher(virtualTime, command, HostSession.ProgramEnvironment(), Launching.OnMachine);

    /// <summary>Runs the command to its end and answers its exit status.</summary>
    /// <param name="ask">Asks the machine a question.</param>
    public static int Run(IReadOnlyList<string> command, Func<string[], string> ask) =>
        new HostAttachment(ask([ClockQuestion]) == VirtualClock, command).Run(ask);

    private int Run(Func<string[], string> ask)
    {
        int status = -1;
        Exception? failure = null;
        using var signals = new Signals(() => _launcher.Process);
        int processor = int.Parse(ask([ProcessorQuestion]), CultureInfo.InvariantCulture);
        var launch = new Thread(() =>
        {
            _ = Libc.StayOnProcessor(processor);
            try
            {
                status = _launcher.Run();
            }
            catch (HostRefusedException e)
            {
                failure = e;
            }
        });
        launch.Start();
        var wait = new SpinWait();
        while (_launcher.Listener == 0 && launch.IsAlive)
            wait.SpinOnce(1);
        if (_launcher.Listener != 0)
            _ = ask([AttachQuestion, _launcher.Listener.ToString(CultureInfo.InvariantCulture)]);
        launch.Join();
        return failure is null ? signals.Status ?? status : throw failure;
    }
}

/// <summary>A machine of this user's that runs.</summary>
/// <param name="Supervisor">The process that simulates it.</param>
/// <param name="First">The first process on it; 0 before there is one.</param>
/// <param name="Command">The words it was started with, behind "dmsim".</param>
public sealed record RunningMachine(int Supervisor, int First, string Command, DateTime Since)
{
    /// <summary>All there are, the oldest first. Another user's cannot be looked at, and are not among them.</summary>
    /// <param name="mark">An environment variable that only supervisors have, "NAME=value".</param>
    public static IReadOnlyList<RunningMachine> All(string mark)
    {
        var found = new List<RunningMachine>();
        foreach (string folder in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int process)
                && Processes.ReadAll($"{process}/environ").Split('\0').Contains(mark)
                && Words(process) is { } words && words.ElementAtOrDefault(0) is "sh" or "run" or "learn")
                found.Add(new RunningMachine(process, FirstOn(process), string.Join(' ', words), Directory.GetCreationTime(folder)));
        }
        return [.. found.OrderBy(machine => machine.Since).ThenBy(machine => machine.Supervisor)];
    }

    private static string[]? Words(int process)
    {
        string[] all = Processes.ReadAll($"{process}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);
        int self = Array.FindIndex(all, word => Path.GetFileName(word) is "dmsim.dll" or "dmsim");
        return self < 0 ? null : all[(self + 1)..];
    }

    private static int FirstOn(int process)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{process}/task")
                .SelectMany(task => Processes.ReadAll($"{process}/task/{Path.GetFileName(task)}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(child => int.Parse(child, CultureInfo.InvariantCulture)).FirstOrDefault();
        }
        catch (DirectoryNotFoundException)
        {
            return 0;
        }
    }
}
