using System.CommandLine;
using System.CommandLine.Parsing;
using DmSim.Harness.Campaigns;
using DmSim.Harness.Running;

namespace DmSim.Cli;

/// <summary>--result FILE: what a campaign, or a shard of one, leaves for "dmsim merge".</summary>
internal sealed class ResultOption
{
    private readonly Option<string?> _option = new("--result") { Description = "also write what was found as a file for dmsim merge", HelpName = "FILE" };

    public void AddTo(Command command) => command.Options.Add(_option);

    /// <summary>Null when it is not asked for.</summary>
    public string? PathOf(ParseResult parsed) => parsed.GetValue(_option);

    public bool IsGiven(CommandResult result) => result.GetResult(_option) is { Implicit: false };

    /// <summary>Writes it, if it is asked for.</summary>
    public void Write<T>(ParseResult parsed, Campaign campaign, Shard shard, T result)
    {
        if (parsed.GetValue(_option) is { } path)
            ResultFile.Write(path, campaign, shard, result);
    }
}
