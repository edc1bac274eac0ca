using System.Text.RegularExpressions;

namespace DmSim.Kernel.Vm;

/// <summary>
/// Debian packages by way of the host's own apt, with private lists and cache: nothing of the system is touched, no root is
/// needed, proxies and mirrors are those that the system uses, and Debian's keys decide what is genuine.
/// </summary>
internal sealed partial class AptArchive
{
    private const string Keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
    private const string MirrorVariable = "DMSIM_MIRROR";

    private static readonly Dictionary<string, string> EnglishReplies = new() { ["LC_ALL"] = "C", ["DEBIAN_FRONTEND"] = "noninteractive" };

    private readonly string _folder;
    private readonly string _aptGet = HostPrograms.Need("apt-get", "apt");

    /// <param name="folder">An empty folder for lists, cache and configuration.</param>
    public AptArchive(string folder)
    {
        _folder = folder;
        foreach (string sub in (string[])["lists/partial", "cache/archives/partial"])
            Directory.CreateDirectory(Path.Combine(folder, sub));
    }

    /// <summary>Fetches the lists of a suite.</summary>
    public async Task UseAsync(KernelSuite suite, CancellationToken cancel)
    {
        if (!File.Exists(Keyring))
            throw new SetupException($"Debian's keys ({Keyring}) are missing: install the package debian-archive-keyring (apt-get install debian-archive-keyring).");
        string mirror = await MirrorAsync(suite.Security, cancel);
        WriteSources($"deb [signed-by={Keyring}] {mirror} {suite.Name} main\n");
        await AptGetAsync(["update"], $"reading the list of {suite.Name} from {mirror}", cancel);
    }

    /// <summary>Names of the packages in the lists that match.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(Func<string, bool> matches, CancellationToken cancel)
    {
        // apt-cache's own pattern only narrows; it knows no pattern language of ours.
        var found = await BoundProcess.RunAsync(HostPrograms.Need("apt-cache", "apt"),
            ["-c", Configure(ownSources: true), "search", "--names-only", "^linux-"], cancel, EnglishReplies);
        return [.. found.Output.Split('\n').Select(l => l.Split(' ')[0]).Where(matches)];
    }

    /// <summary>Downloads packages into the folder; gives the paths of the .deb files, in order.</summary>
    public async Task<IReadOnlyList<AptPackage>> DownloadAsync(IReadOnlyList<string> packages, IProgress<SetupProgress>? progress,
        CancellationToken cancel)
    {
        var plan = await AptGetAsync(["download", "--print-uris", .. packages], "asking for the packages", cancel);
        var files = PrintedUri().Matches(plan).Select(m => new AptPackage(Path.Combine(_folder, Uri.UnescapeDataString(m.Groups["file"].Value)),
            m.Groups["file"].Value, long.Parse(m.Groups["size"].Value))).ToList();
        if (files.Count != packages.Count)
            throw new SetupException($"apt-get does not know where {string.Join(", ", packages)} can be had: try again, or set {MirrorVariable} to another Debian mirror.");
        long total = files.Sum(f => f.Bytes);
        string phase = $"downloading {string.Join(", ", packages)}";
        progress?.Report(new SetupProgress(phase, 0, total));
        var download = AptGetAsync(["download", .. packages], phase, cancel);
        while (await Task.WhenAny(download, Task.Delay(150, cancel)) != download)
            progress?.Report(new SetupProgress(phase, Math.Min(total, FolderBytes()), total));
        await download;
        progress?.Report(new SetupProgress(phase, total, total));
        return files;
    }

    private long FolderBytes() => new DirectoryInfo(_folder).EnumerateFiles("*.deb*", SearchOption.TopDirectoryOnly).Sum(f => f.Exists ? f.Length : 0);

    /// <summary>The mirror that the system's own apt uses, so that none has to be written down here.</summary>
    private async Task<string> MirrorAsync(bool security, CancellationToken cancel)
    {
        if (Environment.GetEnvironmentVariable(MirrorVariable) is { Length: > 0 } chosen)
            return security ? SecurityBeside(chosen) : chosen;
        var mirrors = await SystemMirrorsAsync(_systemUpdated, cancel);
        if (mirrors.Count == 0 && !_systemUpdated)
        {
            // apt names a source only when it has its list, and a fresh container has none: get them, into our own folder.
            WriteSources("");
            await BoundProcess.RunAsync(_aptGet, ["-c", Configure(ownSources: false), "update"], cancel, EnglishReplies);
            _systemUpdated = true;
            mirrors = await SystemMirrorsAsync(ownLists: true, cancel);
        }
        var debian = mirrors.Where(m => m.Origin == "Debian").ToList();
        var exact = debian.Where(m => m.Codename.EndsWith("-security", StringComparison.Ordinal) == security).Select(m => m.Uri).FirstOrDefault();
        return exact ?? debian.Select(m => security ? SecurityBeside(m.Uri) : m.Uri).FirstOrDefault() ?? throw new SetupException(
            $"apt on this system uses no Debian mirror: set {MirrorVariable} to the address of one (the folder that has 'dists' in it).");
    }

    private bool _systemUpdated;

    private async Task<IReadOnlyList<(string Uri, string Origin, string Codename)>> SystemMirrorsAsync(bool ownLists, CancellationToken cancel)
    {
        string[] lists = ownLists ? ["-c", Configure(ownSources: false)] : [];
        var targets = await BoundProcess.RunAsync(_aptGet,
            [.. lists, "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(CODENAME)", "Created-By: Packages"], cancel, EnglishReplies);
        return [.. targets.Output.Split('\n').Select(l => l.Split(' ')).Where(w => w.Length == 3).Select(w => (w[0], w[1], w[2]))];
    }

    /// <summary>Mirrors keep the security archive as debian-security beside debian.</summary>
    private static string SecurityBeside(string mirror) => mirror.TrimEnd('/') + "-security";

    private async Task<string> AptGetAsync(IReadOnlyList<string> words, string doing, CancellationToken cancel)
    {
        var result = await BoundProcess.RunAsync(_aptGet, ["-q", "-c", Configure(ownSources: true), .. words], cancel, EnglishReplies, _folder);
        // apt-get update succeeds when a list could not be fetched; then it says so in a line that starts with "W: Failed" or "E:".
        string? error = result.Errors.Split('\n').FirstOrDefault(l => l.StartsWith("E: ", StringComparison.Ordinal)
            || l.StartsWith("W: Failed to fetch", StringComparison.Ordinal));
        if (result.Status == 0 && error is null)
            return result.Output;
        error ??= result.Errors.Split('\n').LastOrDefault(l => l.Length > 0) ?? $"status {result.Status}";
        if (error.Contains("No space left", StringComparison.Ordinal) || error.Contains("enough free space", StringComparison.Ordinal))
            throw new SetupException($"The disk that holds {_folder} is full: free some space, or set DMSIM_CACHE to a folder on a larger disk.");
        throw new SetupException($"apt-get failed while {doing} ({error.TrimEnd('.')}): check the network, or set {MirrorVariable} to another Debian mirror.");
    }

    private void WriteSources(string text) => File.WriteAllText(Path.Combine(_folder, "sources.list"), text);

    /// <summary>
    /// Writes apt's configuration and gives its path. A file, not -o options: only a file can clear the hooks that a system may
    /// have put after an update (container images delete the system's package cache there).
    /// </summary>
    private string Configure(bool ownSources)
    {
        string path = Path.Combine(_folder, ownSources ? "apt.conf" : "apt-system.conf");
        string sources = ownSources ? $"Dir::Etc::SourceList \"{_folder}/sources.list\";\nDir::Etc::SourceParts \"/dev/null\";\n" : "";
        File.WriteAllText(path, $"""
            #clear APT::Update::Pre-Invoke;
            #clear APT::Update::Post-Invoke;
            #clear APT::Update::Post-Invoke-Success;
            Dir::State::Lists "{_folder}/lists";
            Dir::Cache "{_folder}/cache";
            {sources}APT::Architecture "amd64";
            APT::Architectures "amd64";
            APT::Sandbox::User "";
            APT::Get::List-Cleanup "false";
            Acquire::Languages "none";
            Acquire::Retries "3";
            Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
            Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";

            """);
        return path;
    }

    [GeneratedRegex(@"^'\S+' (?<file>\S+) (?<size>\d+) ", RegexOptions.Multiline)]
    private static partial Regex PrintedUri();
}

/// <param name="File">Path of the downloaded .deb.</param>
/// <param name="Name">Its file name: PACKAGE_VERSION_ARCHITECTURE.deb.</param>
internal sealed record AptPackage(string File, string Name, long Bytes)
{
    public string Version => Uri.UnescapeDataString(Name.Split('_')[1]);
}
