using DmSim.Abi;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Lowering;
using DmSim.Harness.Outcomes;
using DmSim.Harness.PlantedBugs;
using DmSim.Harness.Running;
using DmSim.Kernel.Vm;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Cli;

/// <summary>The two sides that verbs compare, set up from what the command line names.</summary>
internal static class Machines
{
    /// <summary>Where the build puts the guest's program: beside dmsim itself.</summary>
    private static string AgentDirectory => Path.Combine(AppContext.BaseDirectory, "agent");

    public static Contest Contest(LookPolicy look = LookPolicy.WhenTouched) => new(
        FreshModel, ModelDescription, new Comparer(AllowedOutcomeRules.All), look) { MetadataTools = ThinMetadataTools.OfHost() };

    /// <summary>The same with a model that is wrong in one known way, to see that a comparison can fail.</summary>
    public static Contest Contest(PlantedBug bug) => new(() => bug.FreshModel(KernelProfile.Linux61),
        $"{ModelDescription}, with the planted bug {bug.Name}", new Comparer(AllowedOutcomeRules.All), LookPolicy.WhenTouched) { MetadataTools = ThinMetadataTools.OfHost() };

    public static IMachine FreshModel() => new ModelMachine(KernelProfile.Linux61);

    public static string ModelDescription => $"DmSim's model, profile {KernelProfile.Linux61.Tag}";

    public static VmMachine Vm(KernelImage kernel, CacheDirectory cache) => new(new VmMachineOptions
    {
        Kernel = kernel,
        Cache = cache,
        AgentDirectory = AgentDirectory,
    });
}
