using System.CommandLine;
using DmSim.Cli.Verbs;

namespace DmSim.Cli;

/// <summary>From words to an exit status. No input, however wrong, ends in a stack trace.</summary>
public static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Simulates Linux's device-mapper and proves the simulation against real kernels.");
        foreach (var verb in VerbRegistry.All)
            root.Subcommands.Add(verb.Build());
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync($"dmsim: {error.Message}");
            await Console.Error.WriteLineAsync("dmsim: see 'dmsim --help' for the words it knows.");
            return (int)ExitCode.Usage;
        }
        // What a verb lacks or is asked to stop is VerbRun's to say.
        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }
}
