using System.Diagnostics;
using System.IO.Compression;
using System.Text;

namespace DmSim.Kernel.Vm;

/// <summary>A module to load: its name with underscores, and its bytes, not compressed.</summary>
public sealed record KernelModule(string Name, byte[] Contents);

/// <summary>
/// The modules of a kernel. Dependencies are read from the modules themselves (the .modinfo section's "depends="), because
/// Debian's packages do not bring modules.dep: depmod makes it at installation, and there is none here.
/// </summary>
public sealed class KernelModules
{
    private static readonly string[] Suffixes = [".ko", ".ko.xz", ".ko.gz", ".ko.zst"];

    private readonly string _release;
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _builtIn = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KernelModule> _read = new(StringComparer.Ordinal);

    public KernelModules(KernelImage kernel)
    {
        _release = kernel.Release;
        string folder = kernel.ModulesDirectory;
        SetupException.OnDisk(folder, () =>
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*.ko*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                if (NameOf(file) is { } name)
                    _files.TryAdd(name, file);
            }
            string list = Path.Combine(folder, "modules.builtin");
            if (File.Exists(list))
                _builtIn.UnionWith(File.ReadLines(list).Select(NameOf).OfType<string>());
        });
        if (_files.Count == 0)
            throw new SetupException($"There is no module (*.ko) under {folder}: give the folder that `make modules_install` filled for this kernel.");
    }

    /// <summary>Whether the kernel has this as a module or built in.</summary>
    public bool Has(string name) => _files.ContainsKey(Normal(name)) || IsBuiltIn(name);

    /// <summary>Names of the modules that are part of the kernel itself.</summary>
    public IEnumerable<string> BuiltIn => _builtIn.Order(StringComparer.Ordinal);

    public bool IsBuiltIn(string name) => _builtIn.Contains(Normal(name));

    /// <summary>
    /// The modules asked for and all that they depend on, each after those it needs: the order in which to load them.
    /// Those built into the kernel are left out.
    /// </summary>
    /// <param name="required">Missing ones are an error.</param>
    /// <param name="wanted">Missing ones are passed over.</param>
    public IReadOnlyList<KernelModule> LoadOrder(IEnumerable<string> required, IEnumerable<string> wanted)
    {
        var ordered = new List<KernelModule>();
        var visited = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in required)
            Visit(Normal(name), name, ordered, visited);
        foreach (string name in wanted.Where(Has))
            Visit(Normal(name), name, ordered, visited);
        return ordered;
    }

    private void Visit(string name, string asker, List<KernelModule> ordered, HashSet<string> visited)
    {
        if (!visited.Add(name) || (_builtIn.Contains(name) && !_files.ContainsKey(name)))
            return;
        if (!_files.TryGetValue(name, out string? file))
        {
            throw new SetupException($"The kernel {_release} has no module {name} (needed for {asker}), and does not name it as built in: " +
                "enable it in the kernel's configuration, or give the right modules folder.");
        }
        if (!_read.TryGetValue(name, out var module))
            _read.Add(name, module = new KernelModule(name, Read(file)));
        foreach (string needed in Dependencies(module.Contents))
            Visit(needed, name, ordered, visited);
        ordered.Add(module);
    }

    /// <summary>The names after "depends=" in a module's .modinfo section.</summary>
    internal static IReadOnlyList<string> Dependencies(byte[] module) =>
        [.. Information(module, "depends").SelectMany(d => d.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(Normal)];

    /// <summary>Other plain names under which the kernel asks for a module: target "unstriped" is "dm-unstriped", an alias of dm-unstripe.</summary>
    internal static IReadOnlyList<string> Aliases(byte[] module) =>
        [.. Information(module, "alias").Where(a => a.Length > 0 && a.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')).Select(Normal)];

    /// <summary>Values of a key in the .modinfo section: a list of KEY=value strings, each ended by a zero.</summary>
    private static IEnumerable<string> Information(byte[] module, string key) =>
        Encoding.UTF8.GetString(ElfFile.TryParse(module)?.Section(".modinfo") ?? []).Split('\0')
            .Where(s => s.StartsWith(key + "=", StringComparison.Ordinal)).Select(s => s[(key.Length + 1)..]);

    private static string Normal(string name) => name.Replace('-', '_');

    private static string? NameOf(string path)
    {
        string file = Path.GetFileName(path);
        return Suffixes.FirstOrDefault(s => file.EndsWith(s, StringComparison.Ordinal)) is { } suffix ? Normal(file[..^suffix.Length]) : null;
    }

    private static byte[] Read(string file) => SetupException.OnDisk(file, () => Path.GetExtension(file) switch
    {
        ".ko" => File.ReadAllBytes(file),
        ".gz" => Gunzip(file),
        ".xz" => Decompress("xz", "xz-utils", file),
        _ => Decompress("zstd", "zstd", file),
    });

    private static byte[] Gunzip(string file)
    {
        using var stream = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    private static byte[] Decompress(string program, string package, string file)
    {
        var start = new ProcessStartInfo(HostPrograms.Need(program, package), ["-dc", "--", file]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var memory = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(memory);
        process.WaitForExit();
        return process.ExitCode == 0 ? memory.ToArray()
            : throw new SetupException($"The module {file} cannot be unpacked: fetch the kernel again (dmsim kernels fetch).");
    }
}
