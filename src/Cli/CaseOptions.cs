using System.CommandLine;
using System.Globalization;
using DmSim.Harness.Exhaustive;
using DmSim.Harness.Generators;
using DmSim.Harness.Running;

namespace DmSim.Cli;

/// <summary>Which cases: --cases, --ops, --seed, --area, --exhaustive, as every verb that runs a campaign has them.</summary>
internal sealed class CaseOptions(int usualCases)
{
    private readonly Option<int> _cases = new("--cases") { Description = "how many cases", DefaultValueFactory = _ => usualCases };
    private readonly Option<int> _operations = new("--ops") { Description = "operations in a case", DefaultValueFactory = _ => 40 };
    private readonly Option<ulong> _seed = new("--seed") { Description = "names the cases: same seed, same cases", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _from = new("--from") { Description = "number of the first case", DefaultValueFactory = _ => 0 };

    private readonly Option<string> _area = new("--area")
    {
        Description = $"what the cases are about: {string.Join(", ", AreaRegistry.All.Select(a => a.Name))}",
        HelpName = "NAME",
        DefaultValueFactory = _ => AreaRegistry.Default.Name,
    };

    private readonly Option<bool> _exhaustive = new("--exhaustive")
    {
        Description = "every operation in every state of one device, for each target, instead of random cases",
    };

    private readonly ShardOption _shard = new();

    public void AddTo(Command command)
    {
        _shard.AddTo(command);
        _area.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var name }] && AreaRegistry.Find(name) is null)
                result.AddError($"There is no area {name}: take one of {string.Join(", ", AreaRegistry.All.Select(a => a.Name))}.");
        });
        foreach (var option in (Option[])[_cases, _operations, _seed, _from, _area, _exhaustive])
            command.Options.Add(option);
    }

    /// <summary>A short name of the choice, for files: "all-1", "exhaustive".</summary>
    public string NameOf(ParseResult parsed) =>
        parsed.GetValue(_exhaustive) ? "exhaustive" : $"{parsed.GetValue(_area)}-{parsed.GetValue(_seed)}";

    /// <summary>What tells these cases from others, by name.</summary>
    public Dictionary<string, string> SettingsOf(ParseResult parsed)
    {
        if (parsed.GetValue(_exhaustive))
            return new() { ["cases"] = "exhaustive" };
        return new()
        {
            ["area"] = parsed.GetValue(_area)!,
            ["seed"] = Print(parsed.GetValue(_seed)),
            ["from"] = Print(parsed.GetValue(_from)),
            ["cases"] = Print(parsed.GetValue(_cases)),
            ["ops"] = Print(parsed.GetValue(_operations)),
        };

        static string Print<T>(T value) => string.Create(CultureInfo.InvariantCulture, $"{value}");
    }

    public async Task<ICaseSource> PlanAsync(ParseResult parsed, CancellationToken cancel) =>
        ShardOf(parsed).Of(await PlanWholeAsync(parsed, cancel));

    public Shard ShardOf(ParseResult parsed) => _shard.Of(parsed);

    /// <summary>The cases of all shards.</summary>
    public async Task<ICaseSource> PlanWholeAsync(ParseResult parsed, CancellationToken cancel)
    {
        if (!parsed.GetValue(_exhaustive))
        {
            int from = parsed.GetValue(_from);
            return new LaterCases(new GeneratedCases(AreaRegistry.Find(parsed.GetValue(_area)!)!, parsed.GetValue(_seed),
                checked(from + parsed.GetValue(_cases)), parsed.GetValue(_operations)), from);
        }
        var planned = await ExhaustiveCases.PlanAsync(Machines.FreshModel, cancel: cancel);
        await Console.Error.WriteLineAsync(planned.Summary().TrimEnd());
        return planned;
    }

    /// <summary>The cases from a number on.</summary>
    private sealed class LaterCases(ICaseSource all, int from) : ICaseSource
    {
        public int Count => all.Count - from;
        public IOperationSource Open(int index) => all.Open(from + index);
        public string NameOf(int index) => all.NameOf(from + index);
    }
}
