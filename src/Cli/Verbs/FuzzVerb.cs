using System.CommandLine;
using System.Globalization;
using System.Text;
using DmSim.Harness.Fuzzing;
using DmSim.Kernel.Vm;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim fuzz: random and mutated ioctl buffers into the model, which must refuse or obey, and never throw or hang.</summary>
public sealed class FuzzVerb : IVerb
{
    private const string Model = "model", Both = "both";

    private readonly Option<bool> _model = new("--model") { Description = "send them to the model (the default)" };
    private readonly Option<bool> _metadata = new("--metadata") { Description = "damage the metadata of thin pools instead, and work with these" };
    private readonly Option<string> _on = new("--on") { Description = "with --metadata: model, or both to compare it with a kernel", DefaultValueFactory = _ => Model };
    private readonly Option<int> _from = new("--from") { Description = "with --metadata on both: number of the first", DefaultValueFactory = _ => 0 };
    private readonly Option<string?> _out = new("--out") { Description = "with --metadata on both: folder for what is found", HelpName = "DIR" };
    private readonly KernelOptions _kernel = new();
    private readonly Option<long> _count = new("--count") { Description = "how many buffers, or pools", DefaultValueFactory = _ => 1_000_000 };
    private readonly Option<ulong> _seed = new("--seed") { Description = "names the buffers: same seed, same buffers", DefaultValueFactory = _ => 1 };

    public string Name => "fuzz";

    public Command Build()
    {
        _count.Validators.Add(result =>
        {
            // What is no number at all is refused elsewhere.
            if (result.Tokens is [{ Value: var text }] && long.TryParse(text, CultureInfo.InvariantCulture, out long value) && value < 1)
                result.AddError("--count must be at least 1.");
        });
        var command = new Command(Name, "Sends random and mutated ioctl buffers to the model; none may make it throw or hang.") 
        {
            _model, _metadata, _on, _count, _seed, _from, _out,
        };
        _on.AcceptOnlyFromAmong(Model, Both);
        _kernel.AddTo(command);
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(token => parsed.GetValue(_metadata) && parsed.GetValue(_on) == Both
            ? CompareAsync(parsed, token) : Task.Run(() => Run(parsed, token), CancellationToken.None), cancel));
        return command;
    }

    private async Task<int> CompareAsync(ParseResult parsed, CancellationToken cancel)
    {
        var cache = CacheDirectory.Default();
        var image = await _kernel.ResolveAsync(parsed, cache, cancel);
        return await MetadataFuzz.OnBothAsync(
            checked((int)parsed.GetValue(_count)), parsed.GetValue(_seed), parsed.GetValue(_from), image, cache, parsed.GetValue(_out), cancel);
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        long count = parsed.GetValue(_count);
        ulong seed = parsed.GetValue(_seed);
        if (parsed.GetValue(_metadata))
            return MetadataFuzz.OnModel(checked((int)count), seed, cancel);
        using var line = new ProgressLine();
        var fuzzer = new ModelFuzzer(() => new ModelMachine(KernelProfile.Linux61), seed)
        {
            Progress = done => line.Update(string.Create(CultureInfo.InvariantCulture, $"{done}/{count} buffers")),
        };
        var summary = fuzzer.Run(count, Environment.ProcessorCount, cancel);
        line.Dispose();
        Console.Write(Describe(summary, seed));
        return (int)(summary.Finding is not null ? ExitCode.Diverge : summary.Buffers < count ? ExitCode.Interrupted : ExitCode.Agree);
    }

    private static string Describe(FuzzSummary summary, ulong seed)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{summary.Buffers} buffers in {summary.Elapsed.TotalSeconds:F1} s, {summary.BuffersPerSecond:F0} a second; ");
        text.Append(CultureInfo.InvariantCulture,
            $"{summary.Succeeded} succeeded; seed {seed}, digest {summary.Digest:x16}\n");
        if (summary.Finding is not { } finding)
            return text.Append("no exception, no hang\n").ToString();
        text.Append(CultureInfo.InvariantCulture, $"case {finding.Case}, buffer {finding.Index}, request 0x{finding.Buffer.Request:x8}:\n");
        text.Append(finding.What).Append('\n');
        return text.Append("the buffer: ").Append(Convert.ToHexStringLower(finding.Buffer.Bytes)).Append('\n').ToString();
    }
}
