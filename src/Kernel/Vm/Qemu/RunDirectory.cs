namespace DmSim.Kernel.Vm;

/// <summary>
/// A private folder for one VM's sockets and disks. Deleted on disposal; what a killed process left behind is deleted by the
/// next one that starts.
/// </summary>
/// <remarks>
/// The owner holds an flock on NAME.lock for as long as it lives; a lock that can be taken is a folder without an owner. Process
/// ids would not do: they are reused, and differ between containers that share /tmp.
/// </remarks>
public sealed class RunDirectory : IDisposable
{
    private const string Prefix = "dmsim-";
    private const string LockSuffix = ".lock";

    // sun_path holds 108 bytes (unix(7)); a socket's name in the folder needs some of them.
    private const int LongestSocketFolder = 80;

    private readonly FileStream _lock;

    private RunDirectory(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes a new folder below $TMPDIR and removes those that dead processes left there.</summary>
    public static RunDirectory Create() => Create(ChooseParent());

    internal static RunDirectory Create(string parent) => SetupException.OnDisk(parent, () =>
    {
        Sweep(parent);
        while (true)
        {
            string path = System.IO.Path.Combine(parent, $"{Prefix}{Guid.NewGuid():N}"[..(Prefix.Length + 12)]);
            // A sweeper may win the fresh lock file for a moment; then it deletes it, and we take another name.
            if (CacheDirectory.TryLock(path + LockSuffix) is not { } held)
                continue;
            if (!System.IO.File.Exists(path + LockSuffix))
            {
                held.Dispose();
                continue;
            }
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return new RunDirectory(path, held);
        }
    });

    private static string ChooseParent()
    {
        string chosen = System.IO.Path.GetTempPath().TrimEnd('/');
        return chosen.Length <= LongestSocketFolder - Prefix.Length - 12 && chosen.Length > 0 ? chosen : "/tmp";
    }

    /// <summary>Deletes the folders in <paramref name="parent"/> whose owners are gone. Those of other users are left alone.</summary>
    internal static void Sweep(string parent)
    {
        foreach (string lockFile in Directory.EnumerateFiles(parent, $"{Prefix}*{LockSuffix}"))
        {
            try
            {
                using var held = CacheDirectory.TryLock(lockFile);
                if (held is null)
                    continue;
                Delete(lockFile[..^LockSuffix.Length]);
                System.IO.File.Delete(lockFile);
            }
            catch (Exception e) when (e is SetupException or IOException or UnauthorizedAccessException)
            {
                // Somebody else's, or swept by another process at this moment: not ours to complain about.
            }
        }
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }

    public void Dispose()
    {
        if (_lock.SafeFileHandle.IsClosed)
            return;
        Delete(Path);
        System.IO.File.Delete(Path + LockSuffix);
        _lock.Dispose();
    }
}
