using System.CommandLine;
using DmSim.Cli.Hosted;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim sh: an interactive bash, or a bash script, on a simulated machine.</summary>
public sealed class ShVerb : IVerb
{
    private readonly HostedOptions _options = new();

    private readonly Argument<string[]> _words = new("SCRIPT [ARGS…]")
    {
        Description = "a bash script and its arguments; without one, an interactive bash",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public string Name => "sh";

    public bool EndsWithProgram => true;

    public Command Build()
    {
        var command = new Command(Name, "Runs bash on a simulated machine, without root: dmsetup, losetup, dd, lvm2 and all other programs "
            + "of this machine are the real ones, only the kernel's block devices are simulated. Exits with the script's status.")
        {
            _words,
        };
        _options.AddTo(command);
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(_ => Task.FromResult(Run(parsed)), cancel));
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string[] words = parsed.GetValue(_words)!;
        if (words.Length == 0)
            return HostedRun.Run(["bash", "--rcfile", ShellFiles.SettingsPath, "-i"], _options.IsVirtual(parsed, usually: false));
        if (!File.Exists(words[0]))
            throw new BadInputException($"The script {words[0]} cannot be read: there is no such file.");
        return HostedRun.Run(["bash", .. words], _options.IsVirtual(parsed, usually: true));
    }
}
