using System.CommandLine;
using DmSim.Cli.Hosted;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Cli;

/// <summary>What the verbs have in common that run programs on a simulated machine.</summary>
internal sealed class HostedOptions
{
    private readonly Option<string> _kernel = new("--kernel")
    {
        Description = "which kernel is simulated",
        HelpName = "TAG",
        DefaultValueFactory = _ => KernelProfile.Linux61.Tag,
    };

    private readonly Option<bool> _virtual = new("--virtual-time") { Description = "sleeping costs no time (the default for a script)" };
    private readonly Option<bool> _wall = new("--wall-clock") { Description = "the machine's time follows the clock (the default for an interactive shell)" };

    public void AddTo(Command command)
    {
        _kernel.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var tag }] && KernelProfile.All.All(profile => profile.Tag != tag))
                result.AddError($"There is no simulated kernel {tag}: take {string.Join(" or ", KernelProfile.All.Select(profile => profile.Tag))}.");
        });
        command.Options.Add(_kernel);
        command.Options.Add(_virtual);
        command.Options.Add(_wall);
    }

    /// <summary>A fresh machine with the kernel that the command line names.</summary>
    /// <param name="saved">The machine that it is to become, whose kernel it then has.</param>
    public ModelMachine FreshMachine(ParseResult parsed, SavedMachine? saved = null)
    {
        string tag = parsed.GetValue(_kernel)!;
        if (saved is not null && parsed.GetResult(_kernel) is { Implicit: false } && tag != saved.Kernel)
            throw new BadInputException($"The saved machine has a {saved.Kernel} kernel: leave out --kernel {tag}.");
        return new(KernelProfile.All.FirstOrDefault(profile => profile.Tag == (saved?.Kernel ?? tag))
            ?? throw new BadInputException($"The saved machine has a kernel {saved?.Kernel}, which is not simulated here."), fairScheduler: true);
    }

    public bool IsVirtual(ParseResult parsed, bool usually) =>
        parsed.GetValue(_virtual) || (usually && !parsed.GetValue(_wall));
}
