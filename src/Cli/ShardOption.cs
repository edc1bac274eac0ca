using System.CommandLine;
using System.CommandLine.Parsing;
using DmSim.Harness.Running;

namespace DmSim.Cli;

/// <summary>--shard I/N: a part of a campaign that several machines share.</summary>
internal sealed class ShardOption
{
    private readonly Option<string?> _option = new("--shard") { Description = "do every N-th case only, from the I-th: one of N machines that share a campaign", HelpName = "I/N" };

    public void AddTo(Command command)
    {
        _option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !Shard.TryParse(text, out _))
                result.AddError($"--shard {text} is no part of a campaign: write I/N with 1 <= I <= N, as in 3/8.");
        });
        command.Options.Add(_option);
    }

    public bool IsGiven(CommandResult result) => result.GetResult(_option) is { Implicit: false };

    public Shard Of(ParseResult parsed) => Shard.TryParse(parsed.GetValue(_option) ?? "", out var shard) ? shard : Shard.Whole;
}
