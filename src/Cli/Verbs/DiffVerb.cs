using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using DmSim.Harness.Transcripts;
using DmSim.Kernel.Vm;
using DmSim.Model.Profiles;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim diff: the same scripts on a simulated machine and on the real kernel.</summary>
public sealed class DiffVerb : IVerb
{
    private const int UsualWidth = 160;

    private readonly KernelOptions _kernel = new();
    private readonly Option<bool> _json = new("--json") { Description = "print the result for machines" };
    private readonly Option<string?> _keep = new("--keep") { Description = "write what both have printed into this folder", HelpName = "DIR" };

    private readonly Argument<string[]> _scripts = new("SCRIPT")
    {
        Description = "bash scripts; each starts with an empty /tmp and without devices",
        Arity = ArgumentArity.OneOrMore,
    };

    public string Name => "diff";

    public Command Build()
    {
        var command = new Command(Name, "Runs the same scripts on a simulated machine and on the real kernel, and shows both transcripts side by "
            + "side where they differ. Not compared: "
            + string.Join(", ", TranscriptComparer.Normalisations.Select(rule => rule.What)) + ".")
        {
            _scripts, _json, _keep,
        };
        _kernel.AddTo(command);
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(token => RunAsync(parsed, token), cancel));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var scripts = parsed.GetValue(_scripts)!.Select(GuestScript.Read)
            .Select(script => (Name: script.Name.Replace(' ', '_').Replace('\'', '_'), Script: script.Contents)).ToList();
        if (scripts.GroupBy(script => script.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new BadInputException($"Two of the scripts are called {twice.Key}: rename one.");
        byte[] driver = TranscriptDriver.Write(scripts);
        var cache = CacheDirectory.Default();
        var kernel = await _kernel.ResolveAsync(parsed, cache, cancel);
        var simulated = RunModelAsync(driver, KernelProfile.ForRelease(kernel.Release).Tag, cancel);
        byte[] real = await RunKernelAsync(driver, kernel, cache, cancel);
        var model = TranscriptDriver.Read(await simulated);
        var reference = TranscriptDriver.Read(real);
        if (parsed.GetValue(_keep) is { } folder)
            Keep(folder, model, reference);
        var results = scripts.Select(script => (script.Name, Lines: Compare(script.Name, model, reference))).ToList();
        Print(results, parsed.GetValue(_json), kernel);
        return (int)(results.All(result => result.Lines.Count == 0) ? ExitCode.Agree : ExitCode.Diverge);
    }

    private static IReadOnlyList<string> Compare(
        string name, IReadOnlyDictionary<string, Transcript> model, IReadOnlyDictionary<string, Transcript> kernel) =>
        !kernel.TryGetValue(name, out var right) ? ["the kernel did not come to the script's end"]
        : !model.TryGetValue(name, out var left) ? ["the model did not come to the script's end"]
        : TranscriptComparer.Compare(left, right, Width);

    private static int Width => Console.IsOutputRedirected ? UsualWidth : Math.Max(60, Console.WindowWidth);

    private static void Keep(string folder, IReadOnlyDictionary<string, Transcript> model, IReadOnlyDictionary<string, Transcript> kernel)
    {
        foreach (var (side, transcripts) in (ReadOnlySpan<(string, IReadOnlyDictionary<string, Transcript>)>)[("model", model), ("kernel", kernel)])
        {
            Directory.CreateDirectory(Path.Combine(folder, side));
            foreach (var (name, transcript) in transcripts)
                File.WriteAllText(Path.Combine(folder, side, name + ".txt"), transcript.ToText(), System.Text.Encoding.Latin1);
        }
    }

    private static void Print(IReadOnlyList<(string Name, IReadOnlyList<string> Lines)> results, bool json, KernelImage kernel)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                kernel = kernel.Release,
                scripts = results.Select(result => new { name = result.Name, agrees = result.Lines.Count == 0, differences = result.Lines }),
            }));
            return;
        }
        foreach (var (name, lines) in results.Where(result => result.Lines.Count > 0))
        {
            Console.WriteLine($"{name}: the model (left) and {kernel.Release} (right) differ");
            foreach (string line in lines)
                Console.WriteLine(line);
        }
        if (results.Count > 1)
            Console.Error.WriteLine($"dmsim: {results.Count(result => result.Lines.Count == 0)} of {results.Count} scripts agree");
    }

    /// <summary>In a process of its own: it has to be in another user namespace.</summary>
    private static async Task<byte[]> RunModelAsync(byte[] driver, string tag, CancellationToken cancel)
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, driver, cancel);
            string[] self = HostedRun.Self();
            using var process = Process.Start(new ProcessStartInfo(self[0], [.. self[1..], "sh", "--kernel", tag, file]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
            process.StandardInput.Close();
            try
            {
                var output = new MemoryStream();
                await process.StandardOutput.BaseStream.CopyToAsync(output, cancel);
                await process.WaitForExitAsync(cancel);
                return process.ExitCode is (int)ExitCode.SetupFailed or (int)ExitCode.InternalError && output.Length == 0
                    ? throw new SetupException("The simulated machine could not run the scripts (see above).")
                    : output.ToArray();
            }
            finally
            {
                if (!process.HasExited)
                    process.Kill();
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<byte[]> RunKernelAsync(byte[] driver, KernelImage kernel, CacheDirectory cache, CancellationToken cancel)
    {
        using var display = new SetupDisplay();
        var output = new MemoryStream();
        var outcome = await ScriptVm.RunAsync(new ScriptVmOptions
        {
            Kernel = kernel,
            Cache = cache,
            Scripts = [new GuestScript("driver", driver)],
            Output = output,
            Errors = Stream.Null,
            Booted = display.End,
        }, cancel);
        if (outcome.Crash is { } crash)
            await Console.Error.WriteLineAsync($"dmsim: the kernel {kernel.Release} crashed: {crash.Title}");
        return output.ToArray();
    }
}
