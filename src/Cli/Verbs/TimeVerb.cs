using System.CommandLine;
using DmSim.Cli.Hosted;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim time: the clock of the simulated machine that one is on.</summary>
public sealed class TimeVerb : IVerb
{
    private readonly Argument<string?> _by = new("+TIME")
    {
        Description = "how far to move it: +60s, +1.5m, +200ms; without, only what it says",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public string Name => "time";

    public Command Build()
    {
        var command = new Command(Name, "Inside 'dmsim sh': moves the machine's clock, so that timers fire that fall due meanwhile, and prints the "
            + "seconds since the machine was started.") { _by };
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(_ => Task.FromResult(Run(parsed.GetValue(_by))), cancel));
        return command;
    }

    private static int Run(string? by)
    {
        if (!InsideMachine.IsHere)
            throw new BadInputException("There is no simulated machine around this command: 'dmsim time' works inside 'dmsim sh'.");
        Console.Write(by is null ? InsideMachine.Ask("time") : InsideMachine.Ask("time", by));
        return (int)ExitCode.Agree;
    }
}
