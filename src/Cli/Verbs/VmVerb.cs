using System.CommandLine;
using DmSim.Abi;
using DmSim.Kernel.Vm;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim vm: ordinary bash scripts on a real kernel.</summary>
public sealed class VmVerb : IVerb
{
    /// <summary>What a shell reports of a program whose reader is gone: 128 + SIGPIPE.</summary>
    private const int ReaderGone = 141;

    private readonly KernelOptions _kernel = new();

    private readonly Argument<string[]> _scripts = new("SCRIPT")
    {
        Description = "bash scripts, run one after another until one fails",
        Arity = ArgumentArity.OneOrMore,
    };

    public string Name => "vm";

    public Command Build()
    {
        var command = new Command(Name,
            "Boots a kernel in a VM and runs bash scripts in it as root, with this machine's own bash, dmsetup, losetup, dd and more. "
            + "Sleeping costs no time there. Exits with the script's status, or 2 when the kernel crashed.")
        {
            _scripts,
        };
        _kernel.AddTo(command);
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(token => RunAsync(parsed, token), cancel));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var scripts = parsed.GetValue(_scripts)!.Select(GuestScript.Read).ToList();
        var cache = CacheDirectory.Default();
        var kernel = await _kernel.ResolveAsync(parsed, cache, cancel);
        using var display = new SetupDisplay();
        if (!Console.IsErrorRedirected)
            display.Report(new SetupProgress($"booting kernel {kernel.Release}", 0, 0));
        try
        {
            return Report(await ScriptVm.RunAsync(new ScriptVmOptions
            {
                Kernel = kernel,
                Cache = cache,
                Scripts = scripts,
                Output = StandardStream.Output,
                Errors = StandardStream.Errors,
                Booted = display.End,
            }, cancel), kernel);
        }
        catch (IOException e) when (e.HResult == (int)Errno.EPIPE)
        {
            return ReaderGone;
        }
    }

    private static int Report(ScriptOutcome outcome, KernelImage kernel)
    {
        if (outcome.Crash is { } crash)
        {
            foreach (string line in crash.Report)
                Console.Error.WriteLine(line);
            Console.Error.WriteLine($"dmsim: the kernel {kernel.Release} crashed: {crash.Title}");
            return (int)ExitCode.GuestCrashed;
        }
        if (outcome.Status is { } status)
            return status;
        Console.Error.WriteLine("dmsim: the virtual machine ended before the script did: it powered itself off, or was killed from outside.");
        return (int)ExitCode.SetupFailed;
    }
}
