using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>Whether every program inside sleeps and nobody is about to be woken by us.</summary>
/// <param name="firstProcess">The first process inside, once it runs; 0 before.</param>
/// <param name="joined">Processes that have joined later, and are not its children.</param>
internal sealed class IdleWatch(FuseServer files, Supervisor supervisor, Func<int> firstProcess, Func<IReadOnlyCollection<int>> joined)
{
    private long _lastServed = -1;

    /// <summary>To be asked twice: what was served between two looks counts as activity.</summary>
    public bool EverybodySleeps()
    {
        long served = files.Served + supervisor.Served;
        bool quiet = served == _lastServed && !files.IsBusy && !supervisor.IsBusy && firstProcess() > 0;
        _lastServed = served;
        if (!quiet)
            return false;
        var ours = new HashSet<uint>(files.WaitingProcesses.Concat(supervisor.WaitingProcesses));
        try
        {
            return Sleeps(firstProcess(), ours) && joined().All(process => Sleeps(process, ours));
        }
        catch (IOException)
        {
            // A process has ended while it was looked at: something happens.
            return false;
        }
    }

    /// <summary>Behind another who waits for us: a file's lock is held meanwhile (on hosts before 6.2 for every write).</summary>
    private static bool WaitsInFuse(int process, uint thread) =>
        Processes.Read($"{process}/task/{thread}/wchan").StartsWith("fuse_", StringComparison.Ordinal);

    private static bool Sleeps(int process, HashSet<uint> waitingForUs)
    {
        string root = $"{process}/task";
        if (!Directory.Exists("/proc/" + root))
            return true;
        foreach (string path in Directory.EnumerateDirectories("/proc/" + root))
        {
            if (!uint.TryParse(Path.GetFileName(path), out uint thread))
                continue;
            string status = Processes.Read($"{process}/task/{thread}/stat");
            int end = status.LastIndexOf(')');
            char state = end < 0 || end + 2 >= status.Length ? 'X' : status[end + 2];
            if (state == 'R' || (state is 'D' or 'I' && !waitingForUs.Contains(thread) && !WaitsInFuse(process, thread)))
                return false;
            foreach (string child in Processes.Read($"{process}/task/{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                if (int.TryParse(child, out int number) && !Sleeps(number, waitingForUs))
                    return false;
        }
        return true;
    }
}
