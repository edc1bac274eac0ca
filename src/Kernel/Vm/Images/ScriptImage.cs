using System.Text;

namespace DmSim.Kernel.Vm;

/// <summary>
/// The initramfs in which ordinary scripts run: this host's own programs with their shared libraries, the kernel's modules, and a
/// bash script as init.
/// </summary>
internal static class ScriptImage
{
    /// <summary>Folders that are links into /usr in the guest, whatever they are on the host.</summary>
    private static readonly string[] Merged = ["bin", "sbin", "lib", "lib64"];

    /// <summary>Scripts of our own in the guest, by the resources that hold them.</summary>
    private static readonly (string Path, string Resource)[] GuestScripts =
        [("init", "script-init.sh"), ("usr/sbin/modprobe", "script-modprobe.sh")];

    /// <summary>Path of the image; made and kept in the cache if need be.</summary>
    public static Task<string> GetAsync(CacheDirectory cache, KernelImage kernel, CancellationToken cancel = default)
    {
        var programs = Programs();
        var scripts = GuestScripts.Select(s => (s.Path, Contents: Resource(s.Resource))).ToArray();
        string digest = ImageCache.Digest(
            [kernel.Release, kernel.PackageVersion, LvmSettings.Text, .. scripts.Select(s => s.Contents), .. GuestModules.Required, .. GuestModules.Wanted,
                .. GuestModules.OnDemand, .. programs.Select(p => $"{p.Name}={p.File}")],
            [kernel.Image, .. programs.Select(p => p.File).Concat(DataOf(programs)).Distinct()]);
        return ImageCache.GetAsync(cache, "script", digest, cpio => Fill(cpio, kernel, programs, scripts), cancel);
    }

    /// <param name="Name">Where the host has it: "/usr/sbin/thin_check".</param>
    /// <param name="File">The file behind it, links followed: "/usr/sbin/pdata_tools".</param>
    private readonly record struct Program(string Name, string File);

    private static IReadOnlyList<Program> Programs()
    {
        var paths = GuestPrograms.Required.Select(p => HostPrograms.Need(p.Name, p.Package))
            .Concat(GuestPrograms.Wanted.Select(HostPrograms.Find).OfType<string>());
        return [.. paths.Distinct().Select(p => new Program(p, HostFile(p))).OrderBy(p => p.Name, StringComparer.Ordinal)];
    }

    private static string HostFile(string path) => SetupException.OnDisk(path, () => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);

    private static string Resource(string name)
    {
        using var stream = typeof(ScriptImage).Assembly.GetManifestResourceStream(name)!;
        return new StreamReader(stream).ReadToEnd();
    }

    private static void Fill(CpioWriter cpio, KernelImage kernel, IReadOnlyList<Program> programs, (string Path, string Contents)[] scripts)
    {
        GuestFolders.Add(cpio);
        foreach (string folder in Merged)
        {
            cpio.AddDirectory($"usr/{folder}");
            cpio.AddSymbolicLink(folder, $"usr/{folder}");
        }
        foreach (var (path, contents) in scripts)
            cpio.AddFile(path, Encoding.UTF8.GetBytes(contents), executable: true);
        AddSettings(cpio);
        foreach (string file in DataOf(programs))
            cpio.AddFile(GuestPath(file), HostFile(file));
        var libraries = new LibraryClosure();
        foreach (var program in programs)
            AddProgram(cpio, program, libraries);
        foreach (string library in libraries.Files.Order(StringComparer.Ordinal))
            AddOnce(cpio, library);
        AddModules(cpio, new KernelModules(kernel));
    }

    private static void AddProgram(CpioWriter cpio, Program program, LibraryClosure libraries)
    {
        // One file may answer to many names (thin_check and its brothers are one program, lvm's are another): it is copied once.
        if (AddOnce(cpio, program.File))
            libraries.Add(program.File);
        if (!cpio.Contains(GuestPath(program.Name)))
            cpio.AddSymbolicLink(GuestPath(program.Name), "/" + GuestPath(program.File));
    }

    private static bool AddOnce(CpioWriter cpio, string hostFile)
    {
        if (cpio.Contains(GuestPath(hostFile)))
            return false;
        cpio.AddFile(GuestPath(hostFile), hostFile);
        return true;
    }

    private static string GuestPath(string hostPath)
    {
        string path = hostPath.Trim('/');
        return Merged.Any(m => path.StartsWith(m + "/", StringComparison.Ordinal)) ? "usr/" + path : path;
    }

    private static void AddModules(CpioWriter cpio, KernelModules modules)
    {
        var atBoot = modules.LoadOrder(GuestModules.Required, GuestModules.Wanted);
        GuestFolders.AddModules(cpio, atBoot);
        var onDemand = modules.LoadOrder([], GuestModules.OnDemand);
        foreach (var module in onDemand.Where(m => !cpio.Contains($"modules/{m.Name}.ko")))
            cpio.AddFile($"modules/{module.Name}.ko", module.Contents, executable: false);
        cpio.AddFile("modules/builtin.list", Encoding.UTF8.GetBytes(string.Concat(modules.BuiltIn.Select(n => n + "\n"))), executable: false);
        // Also what others need may be asked for by its own name.
        foreach (var module in atBoot.Concat(onDemand).DistinctBy(m => m.Name))
        {
            string list = string.Concat(modules.LoadOrder([module.Name], []).Select(m => m.Name + ".ko\n"));
            foreach (string name in KernelModules.Aliases(module.Contents).Prepend(module.Name).Where(n => !cpio.Contains($"modules/{n}.load")))
                cpio.AddFile($"modules/{name}.load", Encoding.UTF8.GetBytes(list), executable: false);
        }
    }

    /// <summary>Files that a program cannot do without, itself aside: each of the host's that are there.</summary>
    private static IEnumerable<string> DataOf(IReadOnlyList<Program> programs) =>
        GuestPrograms.Data.Where(data => programs.Any(program => Path.GetFileName(program.Name) == data.Program)).SelectMany(data =>
            Directory.Exists(data.Path) ? Directory.EnumerateFiles(data.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            : File.Exists(data.Path) ? [data.Path] : Enumerable.Empty<string>());

    /// <summary>The few files in /etc without which ordinary tools complain.</summary>
    private static void AddSettings(CpioWriter cpio)
    {
        cpio.AddFile("etc/passwd", "root:x:0:0:root:/root:/usr/bin/bash\n"u8, executable: false);
        cpio.AddFile("etc/group", "root:x:0:\ndisk:x:6:\n"u8, executable: false);
        cpio.AddSymbolicLink("etc/mtab", "/proc/self/mounts");
        cpio.AddFile(LvmSettings.Folder.Trim('/') + "/lvm.conf", Encoding.UTF8.GetBytes(LvmSettings.Text), executable: false);
    }
}
