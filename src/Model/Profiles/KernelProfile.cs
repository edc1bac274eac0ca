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

    /// <summary>Debian's 6.12.</summary>
    public static readonly KernelProfile Linux612 = new("6.12", (4, 48, 0), new Dictionary<string, (uint, uint, uint)>
    {
        ["error"] = (1, 7, 0),
        ["linear"] = (1, 4, 0),
        ["striped"] = (1, 6, 0),
        ["zero"] = (1, 2, 0),
        ["delay"] = (1, 4, 0),
        ["flakey"] = (1, 5, 0),
        ["thin"] = (1, 23, 0),
        ["thin-pool"] = (1, 23, 0),
        ["snapshot"] = (1, 16, 0),
        ["snapshot-origin"] = (1, 9, 0),
        ["snapshot-merge"] = (1, 5, 0),
    })
    {
        Rules = Enum.GetValues<KernelRule>().ToHashSet(),
    };

    public static IReadOnlyList<KernelProfile> All { get; } = [Linux61, Linux612];

    /// <summary>What it does otherwise than 6.1.</summary>
    public IReadOnlySet<KernelRule> Rules { get; init; } = new HashSet<KernelRule>();

    public bool Has(KernelRule rule) => Rules.Contains(rule);
}
