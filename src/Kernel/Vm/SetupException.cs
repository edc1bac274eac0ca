namespace DmSim.Kernel.Vm;

/// <summary>
/// Something outside DmSim is missing or refuses: a program, a kernel, the cache folder, the disk. The message is one sentence
/// for the user that also says what to do next.
/// </summary>
public class SetupException : Exception
{
    public SetupException(string message) : base(message) { }
    public SetupException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Runs work on files under <paramref name="place"/> and turns a refusing disk into a sentence.</summary>
    internal static T OnDisk<T>(string place, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Explain(place, e);
        }
    }

    internal static void OnDisk(string place, Action work) => OnDisk(place, () =>
    {
        work();
        return true;
    });

    internal static SetupException Explain(string place, Exception e)
    {
        // On Unix, .NET puts the errno into HResult.
        const int ENOSPC = 28, EROFS = 30, EDQUOT = 122;
        string message = e.HResult switch
        {
            ENOSPC => $"The disk that holds {place} is full: free some space, or set DMSIM_CACHE and TMPDIR to folders on a larger disk.",
            EDQUOT => $"The disk quota for {place} is used up: free some space, or set DMSIM_CACHE and TMPDIR to folders on another disk.",
            EROFS => $"{place} is on a read-only file system: set DMSIM_CACHE (or TMPDIR) to a folder that can be written.",
            _ when e is UnauthorizedAccessException =>
                $"{place} cannot be written (permission denied): set DMSIM_CACHE (or TMPDIR) to a folder that can be.",
            _ => $"{place} cannot be used ({e.Message.TrimEnd('.')}): set DMSIM_CACHE (or TMPDIR) to another folder.",
        };
        return new SetupException(message, e);
    }
}

/// <summary>How far a slow step of preparation is.</summary>
/// <param name="Phase">What is being done, for a person: "downloading linux-image-…".</param>
/// <param name="Done">Bytes done so far; 0 when not counted.</param>
/// <param name="Total">Bytes altogether; 0 when not known.</param>
public readonly record struct SetupProgress(string Phase, long Done, long Total);
