using System.Text.RegularExpressions;

namespace DmSim.Kernel.Vm;

/// <param name="Image">The kernel, when it is in the cache.</param>
public sealed record KernelStatus(KernelSource Source, KernelImage? Image);

/// <summary>Kernels by tag: fetched from Debian once, unpacked in the cache.</summary>
/// <remarks>
/// kernels/TAG/ appears by a rename when all is in it: boot image "vmlinuz", folder "modules", and "version" with the package's
/// version. Work in progress is in kernels/.TAG.half under the lock kernels/.TAG.lock, so what a killed run left is known to be
/// dead by whoever holds the lock.
/// </remarks>
public sealed class KernelCache(CacheDirectory cache)
{
    public IReadOnlyList<KernelStatus> List() => [.. KernelCatalog.All.Select(s => new KernelStatus(s, TryGet(s.Tag)))];

    /// <summary>The kernel of a tag if it is in the cache.</summary>
    public KernelImage? TryGet(string tag)
    {
        var source = KernelCatalog.Find(tag);
        string folder = Path.Combine(cache.Folder("kernels"), tag);
        return Directory.Exists(folder) && IsWhole(source, folder) ? Open(tag, folder) : null;
    }

    /// <summary>Earlier versions of dmsim left out the package that says what is built in: such a kernel is fetched again.</summary>
    private static bool IsWhole(KernelSource source, string folder) =>
        source.OtherPackages.Count == 0 || File.Exists(Path.Combine(folder, "modules", "modules.builtin"));

    private static KernelImage Open(string tag, string folder)
    {
        string image = Path.Combine(folder, "vmlinuz"), version = Path.Combine(folder, "version");
        return SetupException.OnDisk(folder, () => new KernelImage(tag, KernelImage.ReadRelease(image), File.ReadAllText(version).Trim(),
            image, Path.Combine(folder, "modules")));
    }

    /// <summary>The kernel of a tag, fetched when it is not in the cache yet.</summary>
    /// <param name="again">Fetches the archive's newest even when there is one.</param>
    public async Task<KernelImage> FetchAsync(string tag, IProgress<SetupProgress>? progress = null, bool again = false,
        CancellationToken cancel = default)
    {
        if (!again && TryGet(tag) is { } present)
            return present;
        var source = KernelCatalog.Find(tag);
        string folder = Path.Combine(cache.Folder("kernels"), tag), half = Path.Combine(cache.Folder("kernels"), $".{tag}.half");
        using (await cache.LockAsync($"kernels/.{tag}.lock",
            () => progress?.Report(new SetupProgress($"waiting for another dmsim that is fetching kernel {tag}", 0, 0)), cancel))
        {
            if (!again && TryGet(tag) is { } fetchedMeanwhile)
                return fetchedMeanwhile;
            try
            {
                return await FetchIntoAsync(source, folder, half, progress, cancel);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw SetupException.Explain(folder, e);
            }
            finally
            {
                Delete(half);
            }
        }
    }

    private static async Task<KernelImage> FetchIntoAsync(KernelSource source, string folder, string half, IProgress<SetupProgress>? progress,
        CancellationToken cancel)
    {
        Delete(half);
        Directory.CreateDirectory(half);
        string apt = Path.Combine(half, "apt"), whole = Path.Combine(half, "whole");
        Directory.CreateDirectory(apt);
        var packages = await DownloadAsync(source, apt, progress, cancel);
        progress?.Report(new SetupProgress($"unpacking {packages[0].Name}", 0, 0));
        string unpacked = Path.Combine(half, "unpacked");
        foreach (var package in packages)
            await UnpackAsync(package.File, unpacked, cancel);
        Assemble(unpacked, whole, packages[0].Version);
        Open(source.Tag, whole);
        // Another process may have the old folder's files open; they stay readable to it.
        if (Directory.Exists(folder))
            Directory.Move(folder, Path.Combine(half, "old"));
        Directory.Move(whole, folder);
        return Open(source.Tag, folder);
    }

    private static async Task<IReadOnlyList<AptPackage>> DownloadAsync(KernelSource source, string folder, IProgress<SetupProgress>? progress,
        CancellationToken cancel)
    {
        var archive = new AptArchive(folder);
        foreach (var suite in source.Suites)
        {
            progress?.Report(new SetupProgress($"reading Debian's list of packages ({suite.Name})", 0, 0));
            await archive.UseAsync(suite, cancel);
            var names = await archive.FindAsync(p => source.Match(p) is not null, cancel);
            if (names.Count == 0)
                continue;
            string newest = names.MaxBy(n => n, NumericOrder.Instance)!;
            return await archive.DownloadAsync(source.PackagesOf(newest), progress, cancel);
        }
        throw new SetupException($"Debian has no kernel {source.Tag} in {string.Join(" or ", source.Suites.Select(s => s.Name))} any more: " +
            "use another tag (dmsim kernels list), or --kernel FILE --modules DIR.");
    }

    private static async Task UnpackAsync(string package, string folder, CancellationToken cancel)
    {
        var result = await BoundProcess.RunAsync(HostPrograms.Need("dpkg-deb", "dpkg"), ["-x", package, folder], cancel,
            new Dictionary<string, string> { ["LC_ALL"] = "C" });
        if (result.Status == 0)
            return;
        // tar says why, and dpkg-deb's own last line only that tar failed.
        string error = result.Errors.Trim().Split('\n')[^1];
        throw new SetupException(result.Errors.Contains("No space left", StringComparison.Ordinal)
            ? $"The disk that holds {folder} is full: free some space, or set DMSIM_CACHE to a folder on a larger disk."
            : $"The package {Path.GetFileName(package)} cannot be unpacked ({error}): fetch it again.");
    }

    /// <summary>
    /// Picks the boot image and the modules out of an unpacked package, wherever its release keeps them
    /// (/boot and /lib/modules; since 7.x both are in /usr/lib/modules/RELEASE).
    /// </summary>
    private static void Assemble(string unpacked, string whole, string version)
    {
        string[] roots = [Path.Combine(unpacked, "lib", "modules"), Path.Combine(unpacked, "usr", "lib", "modules")];
        string modules = roots.Where(Directory.Exists).SelectMany(Directory.GetDirectories).SingleOrDefault()
            ?? throw new SetupException("The kernel's package has no modules in it: report this, with the tag that you fetched.");
        string boot = Path.Combine(unpacked, "boot");
        string[] images = [.. Directory.Exists(boot) ? Directory.GetFiles(boot, "vmlinuz*") : [], .. Directory.GetFiles(modules, "vmlinuz*")];
        Directory.CreateDirectory(whole);
        File.Move(images.SingleOrDefault() ?? throw new SetupException("The kernel's package has no boot image in it: report this, with the tag that you fetched."),
            Path.Combine(whole, "vmlinuz"));
        Directory.Move(modules, Path.Combine(whole, "modules"));
        File.WriteAllText(Path.Combine(whole, "version"), version + "\n");
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}

/// <summary>Orders names so that numbers in them count as numbers: 6.1.0-9 before 6.1.0-10.</summary>
internal sealed class NumericOrder : IComparer<string>
{
    public static readonly NumericOrder Instance = new();

    public int Compare(string? a, string? b)
    {
        string[] left = Parts(a), right = Parts(b);
        for (int i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            int order = ulong.TryParse(left[i], out ulong x) && ulong.TryParse(right[i], out ulong y)
                ? x.CompareTo(y) : string.CompareOrdinal(left[i], right[i]);
            if (order != 0)
                return order;
        }
        return left.Length.CompareTo(right.Length);
    }

    private static string[] Parts(string? text) => [.. Regex.Matches(text ?? "", @"\d+|\D+").Select(m => m.Value)];
}
