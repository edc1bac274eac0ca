using System.CommandLine;
using DmSim.Harness.PlantedBugs;
using DmSim.Harness.Running;
using DmSim.Model.Profiles;

namespace DmSim.Cli;

/// <summary>--plant BUG: the model is wrong in one known way, to see that a comparison can fail.</summary>
internal sealed class PlantOption
{
    private readonly Option<string?> _option = new("--plant")
    {
        Description = "make the model wrong in one known way, to see that the comparison can fail: e.g. striped-chunks",
        HelpName = "BUG",
    };

    public void AddTo(Command command)
    {
        _option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var name }] && Find(name) is null)
                result.AddError($"There is no planted bug {name}: take one of {string.Join(", ", PlantedBugCatalogue.All.Select(b => b.Name))}.");
        });
        command.Options.Add(_option);
    }

    /// <summary>The contest that the command line asks for.</summary>
    public Contest Contest(ParseResult parsed, KernelProfile profile) => Machines.Contest(profile, Find(parsed.GetValue(_option)));

    private static PlantedBug? Find(string? name) => PlantedBugCatalogue.All.FirstOrDefault(bug => bug.Name == name);
}
