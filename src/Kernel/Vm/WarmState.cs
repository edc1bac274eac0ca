namespace DmSim.Kernel.Vm;

/// <summary>
/// The saved state of a guest that has booted and waits for work, kept in the cache: the next dmsim starts there instead of booting. A
/// state is only good for the QEMU that wrote it, so that is part of its name.
/// </summary>
/// <param name="File">The disk with the snapshot in it.</param>
/// <param name="Said">What the guest said of itself before it was saved.</param>
internal sealed record WarmState(string File, byte[] Said)
{
    /// <summary>Changes when the way a guest is started or saved changes.</summary>
    private const string Layout = "1";

    private const string SaidSuffix = ".hello";
    private const string SnapshotName = "fresh";

    /// <summary>Starts a guest at its saved state. One that is not there is made first, by one dmsim at a time.</summary>
    /// <param name="tryStart">False when the state cannot be used.</param>
    /// <param name="make">Saves it under the path; the reason when it cannot.</param>
    /// <returns>What <paramref name="make"/> gave for a reason; null when the guest was started.</returns>
    /// <exception cref="SetupException">What was just saved cannot be used.</exception>
    public static async Task<TFailure?> StartAsync<TFailure>(CacheDirectory cache, QemuOptions guest, Func<WarmState, Task<bool>> tryStart,
        Func<string, Task<TFailure?>> make, CancellationToken cancel)
        where TFailure : class
    {
        string path = PathFor(cache, guest);
        async Task<bool> startsAsync() => Find(path) is { } kept && await tryStart(kept);
        if (await startsAsync())
            return null;
        using var alone = await cache.LockAsync("images/.fresh.lock", null, cancel);
        if (await startsAsync())
            return null;
        if (await make(path) is { } failure)
            return failure;
        return await startsAsync() ? null
            : throw new SetupException($"The guest cannot be started from the state that was just saved in {path}: check the disk.");
    }

    /// <summary>The state kept under the name; null when there is none or half of one.</summary>
    private static WarmState? Find(string path) => ImageCache.Touch(path) && System.IO.File.Exists(path + SaidSuffix)
        ? new WarmState(path, System.IO.File.ReadAllBytes(path + SaidSuffix)) : null;

    /// <summary>Where the state of such a guest is kept.</summary>
    private static string PathFor(CacheDirectory cache, QemuOptions options)
    {
        string program = HostPrograms.Need("qemu-system-x86_64", "qemu-system-x86");
        var binary = new FileInfo(System.IO.File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program);
        string digest = ImageCache.Digest([Layout, options.Initramfs, options.Kernel.Image, options.CommandLine, QemuCommandLine.EmulatedCpu, $"{options.MemoryMiB}",
            binary.FullName, $"{binary.Length}", $"{binary.LastWriteTimeUtc.Ticks}"], []);
        return Path.Combine(cache.Folder("images"), $"fresh-{digest}.img");
    }

    /// <summary>Saves a guest's state, ends it and keeps its disk. It is seen whole or not at all.</summary>
    /// <remarks>Saved standing still, so that a load leaves it standing still and each run starts at the same instruction.</remarks>
    public static async Task SaveAsync(QemuProcess qemu, string path, byte[] said, CancellationToken cancel)
    {
        await qemu.PauseAsync(cancel);
        await qemu.SaveSnapshotAsync(SnapshotName, cancel);
        string disk = qemu.Run.File("snapshots.qcow2");
        await qemu.QuitAsync(cancel);
        SetupException.OnDisk(path, () =>
        {
            CacheDirectory.WriteWhole(path + SaidSuffix, stream => stream.Write(said));
            CacheDirectory.WriteWhole(path, stream =>
            {
                using var source = System.IO.File.OpenRead(disk);
                source.CopyTo(stream);
            });
        });
    }

    /// <summary>
    /// Starts QEMU with the guest as it was saved, standing still; null when the state cannot be loaded, which is then deleted.
    /// </summary>
    /// <exception cref="QemuKilledException">QEMU was killed meanwhile.</exception>
    public async Task<QemuProcess?> TryStartAsync(QemuOptions guest, TimeSpan limit, CancellationToken cancel)
    {
        var qemu = await QemuProcess.StartAsync(guest with { SnapshotFile = File, StartPaused = true }, cancel);
        try
        {
            await LoadAsync(qemu, limit, cancel);
            return qemu;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or TimeoutException)
        {
            bool killed = await qemu.WasKilledAsync();
            await qemu.DisposeAsync();
            if (killed)
                throw new QemuKilledException();
            System.IO.File.Delete(File);
            return null;
        }
        catch
        {
            await qemu.DisposeAsync();
            throw;
        }
    }

    /// <summary>Puts a guest that was started so back into its saved state.</summary>
    public static Task LoadAsync(QemuProcess qemu, TimeSpan limit, CancellationToken cancel) =>
        qemu.LoadSnapshotAsync(SnapshotName, cancel).WaitAsync(limit, cancel);
}
