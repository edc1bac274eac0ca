using System.CommandLine;
using DmSim.Kernel.Vm;
using Spectre.Console;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim kernels: which kernels can be had by tag, and which are in the cache.</summary>
public sealed class KernelsVerb : IVerb
{
    private readonly Argument<string> _tag = new("TAG") { Description = $"one of {string.Join(", ", KernelCatalog.All.Select(k => k.Tag))}" };
    private readonly Option<bool> _again = new("--again") { Description = "fetch the archive's newest even when there is one" };

    public string Name => "kernels";

    public Command Build()
    {
        var list = new Command("list", "Lists the kernels that DmSim knows, and those that it has.");
        var fetch = new Command("fetch", "Fetches a kernel from Debian into the cache.") { _tag, _again };
        var command = new Command(Name, "Lists kernels, or fetches one.") { list, fetch };
        foreach (var lister in (Command[])[list, command])
            lister.SetAction((_, cancel) => VerbRun.RunAsync(_ => Task.FromResult(List()), cancel));
        fetch.SetAction((parsed, cancel) => VerbRun.RunAsync(token => FetchAsync(parsed, token), cancel));
        return command;
    }

    private static int List()
    {
        var cache = CacheDirectory.Default();
        var kernels = new KernelCache(cache);
        var grid = new Grid().AddColumn().AddColumn().AddColumn().AddColumn(new GridColumn().RightAligned().NoWrap());
        grid.AddRow("TAG", "RELEASE", "PACKAGE", "SIZE");
        foreach (var source in KernelCatalog.All)
            grid.AddRow([.. Row(kernels, source.Tag).Select(Markup.Escape)]);
        AnsiConsole.Write(grid);
        Console.WriteLine($"cache: {cache.Path} ({Sizes.Text(FolderBytes(cache.Path))})");
        return (int)ExitCode.Agree;
    }

    private static string[] Row(KernelCache kernels, string tag)
    {
        try
        {
            return kernels.TryGet(tag) is { } image
                ? [tag, image.Release, image.PackageVersion, Sizes.Text(FolderBytes(Path.GetDirectoryName(image.Image)!))]
                : [tag, "not fetched", "", ""];
        }
        catch (SetupException)
        {
            return [tag, "damaged: fetch it --again", "", ""];
        }
    }

    private static long FolderBytes(string folder) => new DirectoryInfo(folder)
        .EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint })
        .Sum(f => f.Exists ? f.Length : 0);

    private async Task<int> FetchAsync(ParseResult parsed, CancellationToken cancel)
    {
        var kernels = new KernelCache(CacheDirectory.Default());
        KernelImage image;
        using (var display = new SetupDisplay())
            image = await kernels.FetchAsync(parsed.GetValue(_tag)!, display, parsed.GetValue(_again), cancel);
        Console.WriteLine($"kernel {image.Tag}: {image.Release} ({image.PackageVersion}) in {Path.GetDirectoryName(image.Image)}");
        return (int)ExitCode.Agree;
    }
}
