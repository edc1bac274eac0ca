namespace DmSim.Kernel.Vm;

/// <summary>
/// The folder for what is expensive to get: kernels, boot images, verdicts about this host. Everything in it appears whole, by
/// a rename, and may be deleted at any time.
/// </summary>
public sealed class CacheDirectory
{
    public CacheDirectory(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        SetupException.OnDisk(Path, () => Directory.CreateDirectory(Path));
    }

    public string Path { get; }

    /// <summary>$DMSIM_CACHE, else $XDG_CACHE_HOME/dmsim, else ~/.cache/dmsim.</summary>
    public static CacheDirectory Default()
    {
        if (Environment.GetEnvironmentVariable("DMSIM_CACHE") is { Length: > 0 } chosen)
            return new CacheDirectory(chosen);
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg && System.IO.Path.IsPathRooted(xdg))
            return new CacheDirectory(System.IO.Path.Combine(xdg, "dmsim"));
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (home.Length == 0)
            throw new SetupException("There is no home folder for the cache: set DMSIM_CACHE to a folder that can be written.");
        return new CacheDirectory(System.IO.Path.Combine(home, ".cache", "dmsim"));
    }

    /// <summary>A folder of the cache, made when missing.</summary>
    public string Folder(string name)
    {
        string path = System.IO.Path.Combine(Path, name);
        SetupException.OnDisk(path, () => Directory.CreateDirectory(path));
        return path;
    }

    /// <summary>
    /// Holds a lock that other processes (and other callers in this one) respect, until disposed or until this process dies.
    /// </summary>
    /// <param name="name">Path of the lock file inside the cache.</param>
    /// <param name="waiting">Called once when somebody else holds the lock.</param>
    public async Task<IDisposable> LockAsync(string name, Action? waiting, CancellationToken cancel)
    {
        string path = System.IO.Path.Combine(Path, name);
        while (true)
        {
            if (TryLock(path) is { } held)
                return held;
            waiting?.Invoke();
            waiting = null;
            await Task.Delay(100, cancel);
        }
    }

    /// <summary>Takes an flock(2) on a file, made when missing; null when another holds it. The kernel drops it when we die.</summary>
    internal static FileStream? TryLock(string path)
    {
        // FileShare.None is flock(LOCK_EX | LOCK_NB) in .NET on Unix; EWOULDBLOCK comes back as an IOException with that errno.
        const int EWOULDBLOCK = 11;
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException e) when (e.HResult == EWOULDBLOCK)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SetupException.Explain(path, e);
        }
    }

    /// <summary>Writes a file so that it is seen whole or not at all.</summary>
    internal static void WriteWhole(string path, Action<Stream> write) => SetupException.OnDisk(path, () =>
    {
        string half = $"{path}.{Environment.ProcessId}-{Guid.NewGuid():N}.half";
        try
        {
            using (var stream = new FileStream(half, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
                write(stream);
            File.Move(half, path, overwrite: true);
        }
        catch
        {
            File.Delete(half);
            throw;
        }
    });
}
