using System.Diagnostics;

namespace DmSim.Kernel.Vm;

/// <summary>
/// Finds out whether KVM works here, by booting a kernel under it for a few seconds at most. A /dev/kvm that can be opened
/// proves nothing: there are hosts where QEMU then spins in its BIOS for ever, or aborts on an assertion.
/// </summary>
public static class KvmProbe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(4);

    /// <summary>The verdict for this host, kernel and QEMU; probed once per boot of the host when a cache is given.</summary>
    public static async Task<bool> WorksAsync(string qemu, KernelImage kernel, CacheDirectory? cache, CancellationToken cancel)
    {
        if (!CanOpen("/dev/kvm"))
            return false;
        if (cache is null)
            return await ProbeAsync(qemu, kernel, cancel);
        string verdictFile = Path.Combine(cache.Folder("verdicts"), "kvm-" + await HostKeyAsync(qemu, cancel));
        using (await cache.LockAsync("verdicts/.lock", null, cancel))
        {
            if (File.Exists(verdictFile))
                return File.ReadAllText(verdictFile) == "works";
            bool works = await ProbeAsync(qemu, kernel, cancel);
            CacheDirectory.WriteWhole(verdictFile, s => s.Write(works ? "works"u8 : "fails"u8));
            return works;
        }
    }

    private static bool CanOpen(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>What the verdict depends on: this boot of the host, its kernel, QEMU's version.</summary>
    private static async Task<string> HostKeyAsync(string qemu, CancellationToken cancel)
    {
        var version = await BoundProcess.RunAsync(qemu, ["--version"], cancel);
        string boot = File.ReadAllText("/proc/sys/kernel/random/boot_id") + File.ReadAllText("/proc/sys/kernel/osrelease");
        byte[] hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(boot + version.Output));
        return Convert.ToHexStringLower(hash)[..16];
    }

    /// <summary>
    /// Boots without an initramfs: the kernel finds no root, panics, and QEMU exits by itself. Anything else is a failure.
    /// </summary>
    private static async Task<bool> ProbeAsync(string qemu, KernelImage kernel, CancellationToken cancel)
    {
        string[] words =
        [
            "-nodefaults", "-no-user-config", "-no-reboot", "-nographic", "-vga", "none", "-nic", "none", "-machine", "pc",
            "-accel", "kvm", "-cpu", "host", "-m", "256M", "-serial", "stdio", "-kernel", kernel.Image,
            "-append", "console=ttyS0 panic=-1",
        ];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        try
        {
            var result = await BoundProcess.RunAsync(qemu, words, limit.Token);
            return result.Status == 0 && result.Output.Contains("Kernel panic - not syncing: VFS", StringComparison.Ordinal);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}
