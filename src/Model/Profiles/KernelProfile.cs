namespace DmSim.Model.Profiles;

/// <summary>What differs between kernel releases, as data: one row each (DESIGN, section 8).</summary>
/// <param name="Tag">The release as users name it: "6.1".</param>
/// <param name="DriverVersion">What DM_VERSION answers.</param>
/// <param name="TargetVersions">What "dmsetup targets" prints.</param>
public sealed record KernelProfile(
    string Tag,
    (uint Major, uint Minor, uint Patch) DriverVersion,
    IReadOnlyDictionary<string, (uint Major, uint Minor, uint Patch)> TargetVersions)
{
    public static readonly KernelProfile Linux61 = new("6.1", (4, 47, 0), new Dictionary<string, (uint, uint, uint)>
    {
        ["error"] = (1, 5, 0),
        ["linear"] = (1, 4, 0),
        ["striped"] = (1, 6, 0),
        ["zero"] = (1, 1, 0),
        ["delay"] = (1, 3, 0),
        ["flakey"] = (1, 5, 0),
        ["thin"] = (1, 22, 0),
        ["thin-pool"] = (1, 22, 0),
        ["snapshot"] = (1, 16, 0),
        ["snapshot-origin"] = (1, 9, 0),
        ["snapshot-merge"] = (1, 5, 0),
    });
}
