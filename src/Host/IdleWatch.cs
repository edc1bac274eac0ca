using System.Text;

namespace DmSim.Host;

/// <summary>Whether every program inside sleeps and nobody is about to be woken by us.</summary>
/// <param name="firstProcess">The first process inside, once it runs; 0 before.</param>
/// <param name="joined">Processes that have joined later, and are not its children.</param>
internal sealed class IdleWatch(FuseServer files, Supervisor supervisor, Func<int> firstProcess, Func<IReadOnlyCollection<int>> joined)
{
    private long _lastServed = -1;
    private string? _lastSeen;

    /// <summary>
    /// Whether everybody sleeps, and slept when it was asked before: nothing was served meanwhile, the same threads are there, and none of
    /// them has run. One look alone may pass a thread that is asleep, and be at the one it wakes when that has gone to sleep already.
    /// </summary>
    public bool Rests()
    {
        long served = files.Served + supervisor.Served;
        string? seen = !files.IsBusy && !supervisor.IsBusy && firstProcess() > 0 ? Look() : null;
        bool rests = seen is not null && seen == _lastSeen && served == _lastServed;
        (_lastSeen, _lastServed) = (seen, served);
        return rests;
    }

    /// <summary>The threads inside, and how often each has run; null when one of them does now.</summary>
    private string? Look()
    {
        var ours = new HashSet<uint>(files.WaitingProcesses.Concat(supervisor.WaitingProcesses));
        var seen = new StringBuilder();
        return Sleeps(firstProcess(), ours, seen) && joined().All(process => Sleeps(process, ours, seen)) ? seen.ToString() : null;
    }

    /// <summary>Behind another who waits for us: a file's lock is held meanwhile (on hosts before 6.2 for every write).</summary>
    private static bool WaitsInFuse(string task) => Processes.Read($"{task}/wchan").StartsWith("fuse_", StringComparison.Ordinal);

    private static bool Sleeps(int process, HashSet<uint> waitingForUs, StringBuilder seen)
    {
        foreach (string path in Processes.List($"/proc/{process}/task"))
        {
            if (!uint.TryParse(Path.GetFileName(path), out uint thread))
                continue;
            string task = $"{process}/task/{thread}";
            char state = Processes.StateOf(task);
            if (state == 'R' || (state is 'D' or 'I' && !waitingForUs.Contains(thread) && !WaitsInFuse(task)))
                return false;
            seen.Append(task).Append(state).Append(Processes.SwitchesOf(task));
            foreach (string child in Processes.Read($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                if (int.TryParse(child, out int number) && !Sleeps(number, waitingForUs, seen))
                    return false;
        }
        return true;
    }
}
