using System.CommandLine;
using DmSim.Cli.Hosted;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim run: one command on a simulated machine.</summary>
public sealed class RunVerb : IVerb
{
    private readonly HostedOptions _options = new();

    private readonly Argument<string[]> _words = new("COMMAND…")
    {
        Description = "a program and its arguments, after --",
        Arity = ArgumentArity.OneOrMore,
    };

    public string Name => "run";

    public bool EndsWithProgram => true;

    public Command Build()
    {
        var command = new Command(Name, "Runs one program on a fresh simulated machine, without root, and exits with its status.") { _words };
        _options.AddTo(command);
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(_ => Task.FromResult(
            Run(new HostedProgram(parsed.GetValue(_words)!, _options.IsVirtual(parsed, usually: true)) { Machine = _options.FreshMachine(parsed) })), cancel));
        return command;
    }

    private static int Run(HostedProgram program)
    {
        string name = program.Command[0];
        // As a shell would say it, but with what helps.
        if (!name.Contains('/', StringComparison.Ordinal) && Host.HostSession.FindProgram(name) is null)
        {
            const int notFound = 127;
            Console.Error.WriteLine($"dmsim: {ProgramPackages.Sentence(name)}");
            return notFound;
        }
        return HostedRun.Run(program);
    }
}
