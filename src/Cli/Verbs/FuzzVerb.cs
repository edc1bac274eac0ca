using System.CommandLine;
using System.Globalization;
using DmSim.Harness.Campaigns;
using DmSim.Harness.Fuzzing.Grammar;
using DmSim.Harness.Fuzzing.Programs;
using DmSim.Harness.Metadata;
using DmSim.Kernel.Vm;
using DmSim.Model.Profiles;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim fuzz: tables, messages, raw ioctls and damaged metadata, valid, almost valid and hostile, with an oracle.</summary>
public sealed class FuzzVerb : IVerb
{
    private const string Model = "model", Both = "both";
    private const string Table = "table", Message = "message", Ioctl = "ioctl";
    private const int MostJobs = 16;
    private static readonly DamagedKind[] Damaged = [DamagedKind.Pool, DamagedKind.Store];

    private readonly Option<string> _kind = new("--kind")
    {
        Description = "table: loads and lives with tables of every target; message; ioctl: random and mutated buffers; metadata: damaged thin pools; store: damaged stores of snapshots",
        DefaultValueFactory = _ => Table,
    };

    private readonly Option<string> _on = new("--on")
    {
        Description = "both: a kernel, compared where the model knows the targets; or the model alone",
        DefaultValueFactory = _ => Both,
    };

    private readonly Option<string> _time = new("--time") { Description = "how long: 60s, 10m, 1h", DefaultValueFactory = _ => "60s" };
    private readonly Option<long?> _count = new("--count") { Description = "stop after so many programs, buffers (ioctl on the model), pools or stores instead" };
    private readonly Option<int> _jobs = new("--jobs") { Description = "virtual machines at a time", DefaultValueFactory = _ => 1 };
    private readonly Option<ulong> _seed = new("--seed") { Description = "names the programs: same seed, same programs", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _from = new("--from") { Description = "with metadata and store on both: number of the first", DefaultValueFactory = _ => 0 };
    private readonly Option<string[]> _target = new("--target") { Description = "only such targets (may be repeated)", HelpName = "NAME" };
    private readonly Option<bool> _loads = new("--loads-only") { Description = "with table: only load tables, run nothing" };
    private readonly Option<bool> _unguided = new("--unguided") { Description = "draw from the grammar alone; neither read nor write a corpus" };
    private readonly Option<string?> _corpus = new("--corpus") { Description = "folder of programs that showed something new (default: in the cache)", HelpName = "DIR" };
    private readonly Option<string?> _out = new("--out") { Description = "folder for what is found (default: in the cache)", HelpName = "DIR" };
    private readonly Option<string?> _syz = new("--syz") { Description = "write the grammar as a description for syzkaller, and run nothing", HelpName = "FILE" };
    private readonly ShardOption _shard = new();
    private readonly ResultOption _result = new();
    private readonly PlantOption _plant = new();
    private readonly KernelOptions _kernel = new();

    public string Name => "fuzz";

    public Command Build()
    {
        _kind.AcceptOnlyFromAmong([Table, Message, Ioctl, .. Damaged.Select(kind => kind.Name)]);
        _on.AcceptOnlyFromAmong(Model, Both);
        _count.AtLeastOne();
        _jobs.AtLeastOne();
        _time.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && Duration(text) is null)
                result.AddError("--time is a number with s, m or h behind it: 60s, 10m, 1h.");
        });
        _target.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => GrammarRegistry.Find(token.Value) is null))
                result.AddError($"No target {token.Value} is described: use one of {string.Join(", ", GrammarRegistry.All.Select(grammar => grammar.Name))}.");
        });
        var command = new Command(Name, "Sends hostile tables, messages and ioctls to a kernel and the model, and judges what they answer.")
        {
            _kind, _on, _time, _count, _jobs, _seed, _from, _target, _loads, _unguided, _corpus, _out, _syz,
        };
        _plant.AddTo(command);
        _shard.AddTo(command);
        _result.AddTo(command);
        command.Validators.Add(result =>
        {
            bool isList = KindOfDamage(result.GetValue(_kind)) is not null || (result.GetValue(_kind) == Ioctl && result.GetValue(_on) == Model);
            if (isList && (_shard.IsGiven(result) || _result.IsGiven(result)))
                result.AddError("--shard and --result are for tables, messages and a kernel's ioctls: buffers are split by --seed, damaged metadata by --from and --count.");
        });
        _kernel.AddTo(command);
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(token => RunAsync(parsed, token), cancel));
        return command;
    }

    /// <summary>Null for a text that is no time.</summary>
    private static TimeSpan? Duration(string text) => text.Length > 1
        && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number is > 0 and < 100_000
        ? text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            _ => null,
        } : null;

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        if (parsed.GetValue(_syz) is { } file)
            return FuzzRun.Export(file);
        bool model = parsed.GetValue(_on) == Model;
        ulong seed = parsed.GetValue(_seed);
        if (KindOfDamage(parsed.GetValue(_kind)) is { } kind)
            return model ? await Task.Run(() => MetadataFuzz.OnModel(kind, Count(parsed, 1000), seed, cancel), CancellationToken.None)
                : await CompareMetadataAsync(kind, parsed, cancel);
        switch (parsed.GetValue(_kind))
        {
            case Ioctl when model:
                return await Task.Run(() => FuzzRun.BuffersOnModel(parsed.GetValue(_count) ?? 1_000_000, seed, cancel), CancellationToken.None);
            default:
                var settings = await SettingsAsync(parsed, model, cancel);
                var (status, found) = model ? await Task.Run(() => FuzzRun.ProgramsOnModel(settings, cancel), CancellationToken.None)
                    : await FuzzRun.CampaignAsync(settings, cancel);
                _result.Write(parsed, CampaignOf(parsed, settings), settings.Shard, found);
                return status;
        }
    }

    /// <summary>What tells this campaign from others. The corpus is no part of it: each machine may have its own.</summary>
    private Campaign CampaignOf(ParseResult parsed, FuzzSettings settings) => new(Name, new Dictionary<string, string>
    {
        ["kind"] = settings.Kind.ToString().ToLowerInvariant(),
        ["kernel"] = settings.Kernel?.Release ?? "none",
        ["tag"] = settings.Kernel?.Tag ?? _kernel.ReleaseOf(parsed),
        ["seed"] = settings.Seed.ToString(CultureInfo.InvariantCulture),
        ["time"] = parsed.GetValue(_time)!,
        ["count"] = settings.Programs == long.MaxValue ? "any" : settings.Programs.ToString(CultureInfo.InvariantCulture),
        ["guided"] = settings.Guided ? "yes" : "no",
        ["loads only"] = settings.LoadsOnly ? "yes" : "no",
        ["targets"] = settings.Targets is { } targets ? string.Join(' ', targets) : "all",
        ["model"] = settings.Contest.ModelDescription,
    });

    private static DamagedKind? KindOfDamage(string? name) => Array.Find(Damaged, kind => kind.Name == name);

    private int Count(ParseResult parsed, int usual) => (int)Math.Min(parsed.GetValue(_count) ?? usual, int.MaxValue);

    private async Task<int> CompareMetadataAsync(DamagedKind kind, ParseResult parsed, CancellationToken cancel)
    {
        var cache = CacheDirectory.Default();
        var image = await _kernel.ResolveAsync(parsed, cache, cancel);
        return await MetadataFuzz.OnBothAsync(
            kind, Count(parsed, 1000), parsed.GetValue(_seed), parsed.GetValue(_from), image, cache, parsed.GetValue(_out), cancel);
    }

    private async Task<FuzzSettings> SettingsAsync(ParseResult parsed, bool model, CancellationToken cancel)
    {
        var cache = CacheDirectory.Default();
        var image = model ? null : await _kernel.ResolveAsync(parsed, cache, cancel);
        return new FuzzSettings(
            parsed.GetValue(_kind) switch { Message => FuzzKind.Message, Ioctl => FuzzKind.Ioctl, _ => FuzzKind.Table },
            parsed.GetValue(_seed),
            Duration(parsed.GetValue(_time)!)!.Value,
            parsed.GetValue(_count) ?? long.MaxValue,
            Math.Min(parsed.GetValue(_jobs), MostJobs),
            !parsed.GetValue(_unguided),
            parsed.GetValue(_loads),
            parsed.GetValue(_target) is { Length: > 0 } targets ? targets : null,
            parsed.GetValue(_corpus),
            parsed.GetValue(_out),
            // What is left need not pass thin_check.
            _plant.Contest(parsed, KernelProfile.ForRelease(image?.Release ?? _kernel.ReleaseOf(parsed))) with { MetadataTools = null },
            cache,
            image,
            _shard.Of(parsed));
    }
}
