using System.CommandLine;
using DmSim.Abi;
using DmSim.Harness.Matrix;
using DmSim.Kernel.Vm;
using DmSim.Model.Profiles;

namespace DmSim.Cli;

/// <summary>A kernel that is a column.</summary>
internal sealed record MatrixKernel(string Label, KernelImage Image);

/// <summary>Which kernels a matrix has: --kernels TAG,TAG…, and --kernel FILE --modules DIR for one more.</summary>
internal sealed class MatrixKernels
{
    private readonly Option<string> _tags = new("--kernels")
    {
        Description = "tags of the kernels, oldest first",
        HelpName = "TAG,TAG…",
        DefaultValueFactory = _ => string.Join(',', KernelCatalog.All.Select(k => k.Tag)),
    };

    private readonly Option<string?> _file = new("--kernel") { Description = "a boot image of your own as one more column; needs --modules", HelpName = "FILE" };
    private readonly Option<string?> _modules = new("--modules") { Description = "the folder with the *.ko files of --kernel FILE", HelpName = "DIR" };

    public void AddTo(Command command)
    {
        _tags.Validators.Add(result =>
        {
            foreach (string tag in result.Tokens is [{ Value: var tags }] ? Split(tags) : [])
            {
                if (KernelCatalog.All.All(known => known.Tag != tag))
                    result.AddError($"There is no kernel {tag}: take of {string.Join(", ", KernelCatalog.All.Select(k => k.Tag))}, separated by commas.");
            }
        });
        command.Options.Add(_tags);
        command.Options.Add(_file);
        command.Options.Add(_modules);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_file) is null != result.GetResult(_modules) is null)
                result.AddError("--kernel FILE and --modules DIR go together.");
        });
    }

    private static string[] Split(string tags) => tags.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The kernels that the command line names, fetched first if need be.</summary>
    /// <param name="against">A tag that has to be among them; with a kernel of the user's own and no tags, it is the only other one.</param>
    /// <exception cref="BadInputException">There is nothing to compare.</exception>
    public async Task<IReadOnlyList<MatrixKernel>> ResolveAsync(ParseResult parsed, string? against, CacheDirectory cache, CancellationToken cancel)
    {
        string? file = parsed.GetValue(_file);
        bool named = parsed.GetResult(_tags) is { Implicit: false };
        string[] tags = [.. (file is not null && against is not null && !named ? [against] : Split(parsed.GetValue(_tags)!)).Distinct()];
        if (against is not null && !tags.Contains(against))
            throw new BadInputException($"--against {against} is not among the kernels {string.Join(", ", tags)}: name it in --kernels as well.");
        if (tags.Length + (file is null ? 0 : 1) == 0)
            throw new BadInputException("--kernels names no kernel: take of those that dmsim kernels list knows.");
        var kernels = new List<MatrixKernel>();
        using (var display = new SetupDisplay())
        {
            foreach (string tag in tags)
                kernels.Add(new MatrixKernel(tag, await new KernelCache(cache).FetchAsync(tag, display, cancel: cancel)));
        }
        if (file is not null)
            kernels.Add(new MatrixKernel("custom", KernelImage.Custom(file, parsed.GetValue(_modules)!)));
        return kernels;
    }
}

/// <summary>The machines of a matrix while it runs.</summary>
internal sealed class MatrixMachines(IReadOnlyList<MatrixKernel> kernels, CacheDirectory cache) : IAsyncDisposable
{
    /// <summary>A kernel of one's own is compared with kernels only: its release says little of what is in it.</summary>
    public IReadOnlyList<MatrixColumn> Columns { get; } = [.. kernels.Select(kernel => new MatrixColumn(
        kernel.Label, Machines.Vm(kernel.Image, cache),
        KernelProfile.All.FirstOrDefault(profile => profile.Tag == kernel.Label) is { } known ? () => Machines.FreshModel(known) : null))];

    public async ValueTask DisposeAsync()
    {
        foreach (var column in Columns)
            await ((IAsyncDisposable)column.Kernel).DisposeAsync();
    }
}

/// <summary>The live line of a campaign over the matrix.</summary>
internal sealed class MatrixProgress : IMatrixProgress, IDisposable
{
    private readonly ProgressLine _line = new();

    public void CaseDone(int done, int all, int signatures) => _line.Update($"{done}/{all} cases, {signatures} signatures");

    public void Shrinking(int done, int all) => _line.Update($"making what was found small: {done}/{all} signatures");

    public void Dispose() => _line.Dispose();
}
