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

    /// <param name="bug">Makes the model wrong in one known way, to see that a comparison can fail.</param>
    public static Contest Contest(KernelProfile profile, PlantedBug? bug = null) => new(
        bug is null ? () => FreshModel(profile) : () => bug.FreshModel(profile),
        bug is null ? Describe(profile) : $"{Describe(profile)}, with the planted bug {bug.Name}",
        new Comparer(AllowedOutcomeRules.All), LookPolicy.WhenTouched) { MetadataTools = ThinMetadataTools.OfHost() };

    /// <summary>The contest of a kernel with the model of its release.</summary>
    public static Contest Contest(KernelImage kernel) => Contest(KernelProfile.ForRelease(kernel.Release));

    public static IMachine FreshModel(KernelProfile profile) => new ModelMachine(profile);

    /// <summary>The model of the kernel that is taken where none is named.</summary>
    public static IMachine FreshModel() => FreshModel(KernelProfile.Linux61);

    public static string Describe(KernelProfile profile) => $"DmSim's model, profile {profile.Tag}";

    /// <param name="forFuzzing">With every target that the kernel has, not only those that the model knows.</param>
    public static VmMachine Vm(KernelImage kernel, CacheDirectory cache, bool forFuzzing = false) => new(new VmMachineOptions
    {
        ForFuzzing = forFuzzing,
        // RAID measures its algorithms when it is loaded, which takes long on a busy machine; it is then part of the saved state.
        BootLimit = TimeSpan.FromSeconds(forFuzzing ? 300 : 60),
        Kernel = kernel,
        Cache = cache,
        AgentDirectory = AgentDirectory,
    });
}
