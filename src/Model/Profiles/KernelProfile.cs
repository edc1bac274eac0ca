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
    /// <summary>What every kernel shows in the same way since 6.1, and most in stable releases of before.</summary>
    private static readonly KernelRule[] Since61 =
    [
        KernelRule.RefusalsAreErrors, KernelRule.TableErrorsNameErrno, KernelRule.ContradictionsLogged, KernelRule.NamesInOrder,
        KernelRule.ListsHaveUuids, KernelRule.ResizesAnnounced, KernelRule.LoopCapacityInSectors, KernelRule.DisksFromTables,
        KernelRule.RequestErrorsPlain, KernelRule.BioChecksNameTask, KernelRule.PolledRequests, KernelRule.LoopMediaChange,
        KernelRule.PlugsAreLists, KernelRule.SecureEraseHasLimit, KernelRule.DirectReadsSynchronous, KernelRule.EmptyDevicesBounded, KernelRule.PrioritiesOfTasks,
        KernelRule.OpeningsHoldModule, KernelRule.LoopMerges, KernelRule.RangesLocked, KernelRule.SpaceMapsCountRanges,
        KernelRule.AbortKeepsBlockManager, KernelRule.LocksHandedOver, KernelRule.PiecesCountWhenSent,
        KernelRule.AutoloadingDeprecated, KernelRule.DiskFilesOf61, KernelRule.ReadsLeaveHoles, KernelRule.LoopHasWorkers,
    ];

    /// <summary>What later kernels show in the same way since 6.12.</summary>
    private static readonly KernelRule[] Since612 =
    [
        .. Since61, KernelRule.NamesOfNodesRefused, KernelRule.ZeroTakesDiscards, KernelRule.PathsAreOnlyPaths, KernelRule.SelfReferenceRefused,
        KernelRule.FlakeyErrorsReads, KernelRule.LimitsValidated, KernelRule.TableSpecsChecked, KernelRule.ErrorTakesDevice,
        KernelRule.StripedChunksBound, KernelRule.LoopLimitsUpdated, KernelRule.AtomicWrites, KernelRule.ReadOnlyToldOnce,
        KernelRule.PlugsKeepOrder, KernelRule.ZeroOutFailsForGood, KernelRule.ZeroesKeepToChunks, KernelRule.ThinDiscardsByRange,
        KernelRule.DirectWritesUnplugged, KernelRule.PartitionsWithinDisk, KernelRule.RequestFilesOfRequests, KernelRule.DisksTellOfScans, KernelRule.LoopReadsEnd,
        KernelRule.FilesTakeDirectIo, KernelRule.FlushesGoToDevices, KernelRule.ShortDelaysPolled, KernelRule.DiscardsCheckedFirst,
        KernelRule.TargetTypesPadded, KernelRule.StoresOpenedFirst, KernelRule.StatisticsBounded, KernelRule.BiosCountWhenDone,
        KernelRule.BiosMayGoUncounted, KernelRule.BlocksKeepPlaces,
    ];

    /// <summary>Debian's 5.10.</summary>
    public static readonly KernelProfile Linux510 = new("5.10", (4, 43, 0), new Dictionary<string, (uint, uint, uint)>
    {
        ["error"] = (1, 5, 0),
        ["linear"] = (1, 4, 0),
        ["striped"] = (1, 6, 0),
        ["zero"] = (1, 1, 0),
        ["delay"] = (1, 2, 1),
        ["flakey"] = (1, 5, 0),
        ["thin"] = (1, 22, 0),
        ["thin-pool"] = (1, 22, 0),
        ["snapshot"] = (1, 16, 0),
        ["snapshot-origin"] = (1, 9, 0),
        ["snapshot-merge"] = (1, 5, 0),
    })
    {
        Modules =
        [
            ("dm_snapshot", 53248), ("dm_thin_pool", 86016), ("dm_bio_prison", 20480), ("dm_persistent_data", 94208),
            ("libcrc32c", 16384), ("dm_bufio", 36864), ("dm_flakey", 20480), ("dm_delay", 16384), ("dm_zero", 16384),
            ("loop", 40960), ("dm_mod", 163840),
        ],
        Rules = new HashSet<KernelRule>
        {
            KernelRule.MessageNeedsTable, KernelRule.PlugsKeepOrder, KernelRule.HeldRootKnown, KernelRule.StatisticsKnowMerges, KernelRule.LoopCloseFreezes,
        },
    };

    /// <summary>Debian's 6.1.</summary>
    public static readonly KernelProfile Linux61 = new("6.1", (4, 47, 0), Linux510.VersionsWith(("delay", (1, 3, 0))))
    {
        Modules =
        [
            ("dm_snapshot", 53248), ("dm_thin_pool", 90112), ("dm_persistent_data", 114688), ("libcrc32c", 16384),
            ("dm_bufio", 40960), ("dm_bio_prison", 20480), ("dm_flakey", 20480), ("dm_delay", 16384),
            ("dm_zero", 16384), ("loop", 32768), ("dm_mod", 184320),
        ],
        Rules = new HashSet<KernelRule>([.. Since61, KernelRule.MessageNeedsTable, KernelRule.ResultBufferInsideRequest, KernelRule.HeldRootKnown,
            KernelRule.TransientMergeRefused, KernelRule.StatisticsKnowMerges, KernelRule.OlderRunsFirst]),
    };

    /// <summary>Debian's 6.12. Its stable release is older than that of its 6.1, and lacks what that one has been given since.</summary>
    public static readonly KernelProfile Linux612 = new("6.12", (4, 48, 0), Linux61.VersionsWith(
        ("error", (1, 7, 0)), ("zero", (1, 2, 0)), ("delay", (1, 4, 0)), ("thin", (1, 23, 0)), ("thin-pool", (1, 23, 0))))
    {
        Modules =
        [
            ("dm_snapshot", 57344), ("dm_thin_pool", 98304), ("dm_bio_prison", 28672), ("dm_persistent_data", 131072),
            ("dm_bufio", 57344), ("libcrc32c", 12288), ("dm_flakey", 20480), ("dm_delay", 12288), ("dm_zero", 12288),
            ("loop", 36864), ("dm_mod", 212992),
        ],
        Rules = new HashSet<KernelRule>([.. Since612, KernelRule.IntegrityUnlessRefused]),
    };

    /// <summary>Debian's 7.3.</summary>
    public static readonly KernelProfile Linux73 = new("7.3", (4, 50, 0), Linux612.VersionsWith(
        ("linear", (1, 5, 0)), ("striped", (1, 7, 0)), ("delay", (1, 5, 0)), ("thin", (1, 24, 0)), ("thin-pool", (1, 24, 0))))
    {
        Modules =
        [
            ("dm_snapshot", 69632), ("dm_thin_pool", 106496), ("dm_bio_prison", 28672),
            ("dm_persistent_data", 139264), ("dm_bufio", 57344), ("dm_flakey", 24576), ("dm_delay", 16384),
            ("dm_zero", 12288), ("loop", 49152), ("dm_mod", 229376),
        ],
        Rules = new HashSet<KernelRule>([.. Since612, KernelRule.MessageNeedsTable, KernelRule.ResultBufferInsideRequest, KernelRule.ListsFilledAsFarAsTheyGo,
            KernelRule.FlakeyFeaturesStrict, KernelRule.StripedDiscardsWhole, KernelRule.EmptyDevicesUntold, KernelRule.HeldRootKnown,
            KernelRule.TransientMergeRefused, KernelRule.DiscardGranularityDivides, KernelRule.StatisticsKnowMerges, KernelRule.LargerIoIsUsual,
            KernelRule.ScannedNumbersSaturate, KernelRule.BiosFromCaches, KernelRule.FlushesKeepData,
            KernelRule.LargeBlocks, KernelRule.PlattersReadAhead]),
    };

    /// <summary>The target versions of a later release, which has these others.</summary>
    private Dictionary<string, (uint, uint, uint)> VersionsWith(params (string Target, (uint, uint, uint) Version)[] changed)
    {
        var versions = new Dictionary<string, (uint, uint, uint)>(TargetVersions);
        foreach (var (target, version) in changed)
            versions[target] = version;
        return versions;
    }

    public static IReadOnlyList<KernelProfile> All { get; } = [Linux510, Linux61, Linux612, Linux73];

    /// <summary>
    /// What /proc/modules lists of device-mapper, of loop and of what they need, the latest first: the names, and the bytes that each takes in
    /// Debian's cloud kernel for amd64.
    /// </summary>
    public IReadOnlyList<(string Name, int Bytes)> Modules { get; init; } = [];

    /// <summary>What it does that not every kernel does.</summary>
    public IReadOnlySet<KernelRule> Rules
    {
        get;
        init
        {
            field = value;
            _has = [.. Enum.GetValues<KernelRule>().Select(value.Contains)];
        }
    } = new HashSet<KernelRule>();

    // By the number of the rule: every bio asks.
    private readonly bool[] _has = new bool[Enum.GetValues<KernelRule>().Length];

    /// <summary>
    /// The profile that speaks for a release ("6.1.0-56-cloud-amd64", or just "6.1"): the newest that is not newer, else the oldest there is.
    /// </summary>
    public static KernelProfile ForRelease(string release) =>
        All.LastOrDefault(profile => Version(profile.Tag).CompareTo(Version(release)) <= 0) ?? All[0];

    /// <summary>Its first two numbers.</summary>
    private static (int, int) Version(string release)
    {
        string[] numbers = release.Split('.');
        return (Number(numbers[0]), numbers.Length > 1 ? Number(numbers[1]) : 0);

        static int Number(string text) =>
            int.TryParse(text.AsSpan(0, text.AsSpan().IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : text.Length),
                System.Globalization.CultureInfo.InvariantCulture, out int value) ? value : 0;
    }

    public bool Has(KernelRule rule) => _has[(int)rule];
}
