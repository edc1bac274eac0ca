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
        var parsed = root.Parse(SetProgramApart(root, args));
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

    /// <summary>Puts a "--" before the words of a program, so that none of them is taken for an option of ours.</summary>
    private static string[] SetProgramApart(RootCommand root, string[] args)
    {
        if (args.Length == 0 || VerbRegistry.All.FirstOrDefault(verb => verb.Name == args[0]) is not { EndsWithProgram: true })
            return args;
        var options = root.Subcommands.First(command => command.Name == args[0]).Options;
        for (int i = 1; i < args.Length; i++)
        {
            if (args[i] == "--")
                return args;
            if (!args[i].StartsWith('-'))
                return [.. args[..i], "--", .. args[i..]];
            if (options.FirstOrDefault(option => option.Name == args[i]) is { } known && known.ValueType != typeof(bool))
                i++;
        }
        return args;
    }
}
