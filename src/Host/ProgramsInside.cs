using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>The programs inside, by what /proc says: which files they have open, and how much they have worked.</summary>
/// <param name="firstProcess">The first process inside, once it runs; 0 before.</param>
/// <param name="joined">Processes that have joined later, and are not its children.</param>
internal sealed class ProgramsInside(Func<int> firstProcess, Func<IReadOnlyCollection<int>> joined)
{
    private IEnumerable<int> All => firstProcess() is > 0 and var first ? joined().Prepend(first).SelectMany(Processes.Below) : [];

    /// <summary>Whether the first process ends, and takes all others with it.</summary>
    public bool AreEnding => firstProcess() is > 0 and var first && Processes.IsEnding(first);

    /// <summary>Whether anybody has a descriptor on a node of /dev.</summary>
    public bool IsOpen(ulong node)
    {
        string inode = $"\nino:\t{node}\n";
        return All.Any(process => HasOpen(process, inode));
    }

    /// <summary>How long processors have worked for the programs inside, those that have ended and been waited for among them.</summary>
    public TimeSpan Worked() => All.Aggregate(TimeSpan.Zero, static (sum, process) => sum + Processes.WorkOf(process));

    /// <summary>Never through /proc/N/fd/M itself, which would come back to our own file system.</summary>
    private static bool HasOpen(int process, string inode)
    {
        foreach (string path in Processes.List($"/proc/{process}/fdinfo"))
        {
            string descriptor = Path.GetFileName(path);
            // Other file systems have files of the same number.
            if (Processes.Read($"{process}/fdinfo/{descriptor}").Contains(inode, StringComparison.Ordinal)
                && Libc.ReadLink(Processes.Proc, $"{process}/fd/{descriptor}", out string target) == Errno.None
                && target.StartsWith("/dev/", StringComparison.Ordinal))
                return true;
        }
        return false;
    }
}
