using System.CommandLine;
using DmSim.Kernel.Vm;

namespace DmSim.Cli.Verbs;

/// <summary>--kernel and --modules, as every verb that boots a kernel has them.</summary>
internal sealed class KernelOptions
{
    private readonly Option<string> _kernel = new("--kernel")
    {
        Description = $"a tag ({string.Join(", ", KernelCatalog.All.Select(k => k.Tag))}), or with --modules a boot image of your own",
        HelpName = "TAG|FILE",
        DefaultValueFactory = _ => KernelCatalog.DefaultTag,
    };

    private readonly Option<string?> _modules = new("--modules")
    {
        Description = "the folder with the *.ko files of --kernel FILE",
        HelpName = "DIR",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_kernel);
        command.Options.Add(_modules);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_modules) is { Implicit: false } && result.GetResult(_kernel) is not { Implicit: false })
                result.AddError("--modules needs --kernel FILE.");
        });
    }

    /// <summary>The release that the command line names, or its tag: enough to choose a model by. Nothing is fetched.</summary>
    public string ReleaseOf(ParseResult parsed) =>
        File.Exists(parsed.GetValue(_kernel)) ? KernelImage.ReadRelease(parsed.GetValue(_kernel)!) : parsed.GetValue(_kernel)!;

    /// <summary>The kernel that the command line names, fetched first if need be; progress goes to standard error.</summary>
    /// <exception cref="SetupException">There is none, it is no kernel, or it cannot be had.</exception>
    public async Task<KernelImage> ResolveAsync(ParseResult parsed, CacheDirectory cache, CancellationToken cancel)
    {
        string kernel = parsed.GetValue(_kernel)!;
        if (parsed.GetValue(_modules) is { } modules)
            return KernelImage.Custom(kernel, modules);
        if (!KernelCatalog.All.Any(k => k.Tag == kernel) && (kernel.Contains('/', StringComparison.Ordinal) || File.Exists(kernel)))
        {
            KernelImage.ReadRelease(kernel);
            throw new SetupException($"The kernel {kernel} was given without its modules: add --modules DIR, the folder that holds its *.ko files.");
        }
        using var display = new SetupDisplay();
        return await new KernelCache(cache).FetchAsync(kernel, display, cancel: cancel);
    }
}
