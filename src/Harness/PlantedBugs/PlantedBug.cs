using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using DmSim.Model.Targets;

namespace DmSim.Harness.PlantedBugs;

/// <summary>A model that is wrong in one known way, to see whether the harness notices.</summary>
/// <param name="Name">Short and unique.</param>
/// <param name="What">What is wrong, for the list.</param>
public sealed record PlantedBug(string Name, string What, Func<KernelProfile, IMachine> FreshModel)
{
    internal static PlantedBug At(string name, string what, Func<Mutation> mutation) =>
        new(name, what, profile => new MutantMachine(new ModelMachine(profile), mutation()));

    internal static PlantedBug In(string name, string what, Func<TargetMutation> mutation) =>
        new(name, what, profile => new ModelMachine(profile, Types(mutation())));

    internal static PlantedBug Of(string name, string what, Func<KernelProfile, KernelProfile> profile) =>
        new(name, what, right => new ModelMachine(profile(right)));

    private static TargetType[] Types(TargetMutation mutation) =>
        [.. TargetRegistry.All.Select(type => type.Name == mutation.Type ? new MutantTargetType(type, mutation) : type)];

    public override string ToString() => Name;
}

/// <summary>Every planted bug, one line each. A harness that misses one is not to be trusted with the bugs that nobody planted.</summary>
public static class PlantedBugCatalogue
{
    public static IReadOnlyList<PlantedBug> All { get; } = [.. ControlBugs.All, .. DataBugs.All, .. TargetBugs.All, .. StatisticsBugs.All, .. SnapshotBugs.All];
}
