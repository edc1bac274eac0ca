namespace DmSim.Kernel.Vm;

/// <summary>
/// Finds the shared libraries that programs need, as the dynamic loader would (ld.so(8)), without running anything.
/// LD_LIBRARY_PATH is left out on purpose: an image must not depend on the shell that it was made from.
/// </summary>
internal sealed class LibraryClosure
{
    private static readonly string[] StandardFolders =
        ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"];

    private readonly Dictionary<string, string> _found = new(StringComparer.Ordinal);
    private readonly Lazy<IReadOnlyList<string>> _folders = new(() => [.. StandardFolders.Concat(ConfiguredFolders("/etc/ld.so.conf")).Distinct()]);

    /// <summary>Path of each file to copy: the libraries, and the loaders that programs name.</summary>
    public IReadOnlyCollection<string> Files => _found.Values;

    /// <summary>Adds what one program or library needs. Files that are no ELF (scripts) need nothing.</summary>
    /// <param name="local">Further folders to search, after RUNPATH and before the system's.</param>
    public void Add(string file, params string[] local)
    {
        if (ElfFile.TryParse(File.ReadAllBytes(file)) is not { } elf)
            return;
        if (elf.Interpreter is { } loader)
            _found.TryAdd(loader, loader);
        string origin = Path.GetDirectoryName(file)!;
        var folders = elf.RunPath.Select(f => f.Replace("$ORIGIN", origin, StringComparison.Ordinal)
            .Replace("${ORIGIN}", origin, StringComparison.Ordinal)).Concat(local).ToArray();
        foreach (string name in elf.Needed)
        {
            if (_found.ContainsKey(name) || local.Any(f => File.Exists(Path.Combine(f, name))))
                continue;
            string path = folders.Concat(_folders.Value).Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists)
                ?? throw new SetupException($"The shared library {name}, which {file} needs, is missing: install the package that has it (apt-file search {name}).");
            _found.Add(name, path);
            Add(path, folders);
        }
    }

    private static IEnumerable<string> ConfiguredFolders(string file)
    {
        if (!File.Exists(file))
            return [];
        return File.ReadLines(file).Select(l => l.Split('#')[0].Trim()).Where(l => l.Length > 0).SelectMany(line =>
        {
            if (!line.StartsWith("include ", StringComparison.Ordinal))
                return [line];
            string pattern = line["include ".Length..].Trim();
            string folder = Path.GetDirectoryName(pattern)!;
            return Directory.Exists(folder)
                ? Directory.GetFiles(folder, Path.GetFileName(pattern)).Order(StringComparer.Ordinal).SelectMany(ConfiguredFolders) : [];
        });
    }
}
