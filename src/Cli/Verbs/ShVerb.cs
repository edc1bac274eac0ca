using System.CommandLine;
using DmSim.Cli.Hosted;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim sh: an interactive bash, or a bash script, on a simulated machine.</summary>
public sealed class ShVerb : IVerb
{
    private readonly HostedOptions _options = new();

    private readonly Option<bool> _attach = new("--attach") { Description = "not a new machine: a shell, or the script, on that of a shell that runs already" };
    private readonly Option<int?> _machine = new("--machine") { Description = "which one, where several run", HelpName = "PID" };

    private readonly Option<string?> _save = new("--save") { Description = "at the end, write the machine into this file: its devices, and which files they lie on", HelpName = "FILE" };
    private readonly Option<string?> _load = new("--load") { Description = "begin with the machine that --save has written", HelpName = "FILE" };

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
        command.Options.Add(_attach);
        command.Options.Add(_machine);
        command.Options.Add(_save);
        command.Options.Add(_load);
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(_ => Task.FromResult(Run(parsed)), cancel));
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string[] words = parsed.GetValue(_words)!;
        if (words.Length > 0 && !File.Exists(words[0]))
            throw new BadInputException($"The script {words[0]} cannot be read: there is no such file.");
        string[] command = words.Length == 0 ? ["bash", "--rcfile", ShellFiles.SettingsPath, "-i"] : ["bash", .. words];
        var machine = parsed.GetValue(_machine);
        string? save = parsed.GetValue(_save), load = parsed.GetValue(_load);
        if ((save ?? load) is not null && (parsed.GetValue(_attach) || machine is not null))
            throw new BadInputException("A machine that runs already is saved by the shell that it was started with: leave out --save and --load.");
        var saved = load is null ? null : SavedMachine.Read(load);
        if (saved is not null)
            command = WithNodes(saved, command);
        return parsed.GetValue(_attach) || machine is not null
            ? HostedRun.Attach(command, machine)
            : HostedRun.Run(new HostedProgram(command, _options.IsVirtual(parsed, usually: words.Length > 0))
            {
                Machine = _options.FreshMachine(parsed, saved),
                Before = saved is null ? null : fresh => new MachineLoader(fresh, saved, load!).Load(),
                After = save is null ? null : ended => new MachineSaver(ended).Save().Write(save),
            });
    }

    /// <summary>The nodes in /dev/mapper are libdevmapper's, which makes them when it is asked to: for devices that have had a table.</summary>
    private static string[] WithNodes(SavedMachine saved, string[] command)
    {
        string names = string.Concat(saved.Devices.Where(device => device.Live is not null)
            .Select(device => $" '{device.Name.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
        return names.Length == 0 ? command : ["sh", "-c", $"dmsetup mknodes --{names} >/dev/null 2>&1; exec \"$@\"", "sh", .. command];
    }
}
