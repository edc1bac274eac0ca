namespace DmSim.Model.Profiles;

/// <summary>What differs between kernel releases, as data: one row each (DESIGN, section 8).</summary>
/// <param name="Tag">The release as users name it: "6.1".</param>
/// <param name="DriverVersion">What DM_VERSION answers.</param>
public sealed record KernelProfile(string Tag, (uint Major, uint Minor, uint Patch) DriverVersion)
{
    public static readonly KernelProfile Linux61 = new("6.1", (4, 47, 0));
}
