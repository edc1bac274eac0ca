using System.CommandLine;
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
    public ModelMachine FreshMachine(ParseResult parsed) =>
        new(KernelProfile.All.First(profile => profile.Tag == parsed.GetValue(_kernel)), fairScheduler: true);

    public bool IsVirtual(ParseResult parsed, bool usually) =>
        parsed.GetValue(_virtual) || (usually && !parsed.GetValue(_wall));
}
