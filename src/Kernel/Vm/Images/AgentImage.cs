namespace DmSim.Kernel.Vm;

/// <summary>
/// The initramfs with the agent in it: /agent/* (the published program), its shared libraries, /modules/*.ko and
/// /modules/modules.list (file names, one per line, in load order), and empty folders to mount on.
/// </summary>
public static class AgentImage
{
    /// <summary>Folder of the agent in the guest.</summary>
    public const string AgentFolder = "/agent";

    /// <summary>The program that the kernel starts.</summary>
    public const string Init = "/init";

    /// <summary>Set in the agent's environment (by the kernel's command line) where it is to follow device-mapper's functions and to be quick.</summary>
    public const string ForFuzzing = "DMSIM_FUZZING";

    /// <summary>The modules' names in load order, one file name a line, in the folder of the same name.</summary>
    public const string ModuleList = "/modules/modules.list";

    /// <summary>Changes when what is put into the image beside files does.</summary>
    private const string ImageLayout = "2";

    /// <summary>Path of the image; made and kept in the cache if need be.</summary>
    /// <param name="agentDirectory">What `dotnet publish` of the agent put out, self-contained.</param>
    /// <param name="allTargets">Also the modules of targets that the model has not.</param>
    public static Task<string> GetAsync(
        CacheDirectory cache, KernelImage kernel, string agentDirectory, bool allTargets = false, CancellationToken cancel = default)
    {
        if (!Directory.Exists(agentDirectory))
            throw new SetupException($"The agent is not built ({agentDirectory} does not exist): build DmSim with scripts/dmsim.");
        var files = AgentFiles(agentDirectory);
        IReadOnlyList<string> wanted = allTargets ? GuestModules.ForFuzzing : GuestModules.OfHarness;
        string digest = ImageCache.Digest([ImageLayout, kernel.Release, kernel.PackageVersion, .. GuestModules.Required, .. wanted],
            [kernel.Image, .. files]);
        return ImageCache.GetAsync(cache, "agent", digest, cpio => Fill(cpio, kernel, agentDirectory, files, wanted), cancel);
    }

    private static IReadOnlyList<string> AgentFiles(string folder) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(IsNeeded).Order(StringComparer.Ordinal)];

    /// <summary>Debugger, tracing and symbols are dead weight in a guest.</summary>
    private static bool IsNeeded(string file) => Path.GetFileName(file) is not ("createdump" or "libmscordaccore.so" or "libmscordbi.so"
        or "libcoreclrtraceptprovider.so" or "libclrgc.so" or "libclrgcexp.so" or "Microsoft.DiaSymReader.Native.amd64.dll")
        && Path.GetExtension(file) is not (".pdb" or ".dbg" or ".xml");

    private static void Fill(CpioWriter cpio, KernelImage kernel, string agentDirectory, IReadOnlyList<string> files,
        IReadOnlyList<string> wanted)
    {
        GuestFolders.Add(cpio);
        cpio.AddFile(Init, FirstProgram.Build($"{AgentFolder}/dmsim-agent"), executable: true);
        var libraries = new LibraryClosure();
        foreach (string file in files)
        {
            cpio.AddFile($"{AgentFolder}/{Path.GetRelativePath(agentDirectory, file)}", file);
            libraries.Add(file, Path.GetDirectoryName(file)!);
        }
        foreach (string library in libraries.Files.Order(StringComparer.Ordinal))
            cpio.AddFile(library, library);
        GuestFolders.AddModules(cpio, new KernelModules(kernel).LoadOrder(GuestModules.Required, wanted));
    }
}

/// <summary>What every image has.</summary>
internal static class GuestFolders
{
    public static void Add(CpioWriter cpio)
    {
        foreach (string folder in (string[])["dev", "proc", "sys", "run", "tmp", "root", "etc", "mnt"])
            cpio.AddDirectory(folder);
        // The kernel opens /dev/console for init before anything is mounted.
        cpio.AddCharacterDevice("dev/console", 5, 1);
        cpio.AddCharacterDevice("dev/null", 1, 3);
    }

    public static void AddModules(CpioWriter cpio, IReadOnlyList<KernelModule> modules)
    {
        foreach (var module in modules)
            cpio.AddFile($"modules/{module.Name}.ko", module.Contents, executable: false);
        cpio.AddFile("modules/modules.list", System.Text.Encoding.UTF8.GetBytes(string.Concat(modules.Select(m => m.Name + ".ko\n"))), executable: false);
    }
}
