using DmSim.Harness.Matrix;
using DmSim.Model.Profiles;
using DmSim.Property.Harness.Matrix;
using NUnit.Framework;

namespace DmSim.Property.Profiles;

/// <summary>What each rule changes, as the matrix sees it: two machines that differ in that rule alone.</summary>
[TestFixture]
public sealed class KernelRuleTests
{
    private const string Loop = "setup loop-attach index=0 size=1024s\n", Device = Loop + "create name=d0\n",
        Linear = Device + "load name=d0 line=\"0 8 linear 7:0 0\"\nresume name=d0\n",
        Empty = "setup loop-attach index=0 size=0s\ncreate name=d0\nload name=d0 line=\"0 8 linear 7:0 0\"\nresume name=d0\n",
        Pool = Loop + "setup loop-attach index=1 size=1024s\ncreate name=p\nload name=p line=\"0 512 thin-pool 7:0 7:1 128 0\"\nresume name=p\n";

    /// <summary>Rules, sequences that show them, and part of the signature of what is then found.</summary>
    private static readonly (KernelRule Rule, string Sequence, string Signature)[] Shown =
    [
        (KernelRule.RefusalsAreErrors, "create name=a/b\n", "create/machine/log -<4>"),
        (KernelRule.TableErrorsNameErrno, Device + "load name=d0 line=\"0 8 linear\"\n", "+<3>device-mapper: table: N:N: linear: Invalid argument count (-EINVAL)"),
        (KernelRule.NamesInOrder, "create name=b\ncreate name=a\n", "machine/listing"),
        (KernelRule.ResizesAnnounced, Device + "load name=d0 line=\"0 8 zero\"\nresume name=d0\nload name=d0 line=\"0 16 zero\"\nresume name=d0\n",
            "resume/machine/uevents -change dm-N +change dm-N RESIZE=N"),
        (KernelRule.LoopCapacityInSectors, Loop, "setup/machine/log (numbers or order)"),
        (KernelRule.DisksFromTables, "create name=d0\n", "create/machine/uevents -add dm-N"),
        (KernelRule.AutoloadingDeprecated, Device + "load name=d0 line=\"0 8 linear 7:9 0\"\n", "load/machine/log"),
        (KernelRule.MessageNeedsTable, "create name=d0\nmessage name=d0 sector=0 text=x\n", "message/operation/errno ok->EINVAL"),
        (KernelRule.NamesOfNodesRefused, "create name=.\n", "create/operation/errno ok->EINVAL"),
        (KernelRule.ZeroTakesDiscards, Device + "load name=d0 line=\"0 8 zero\"\nresume name=d0\ndiscard name=d0 off=0s len=8s\n", "discard/operation/errno EOPNOTSUPP->ok"),
        (KernelRule.PathsAreOnlyPaths, Device + "load name=d0 line=\"0 8 linear nosuch 0\"\n", "load/operation/errno ENODEV->ENOENT"),
        (KernelRule.SelfReferenceRefused, Device + "load name=d0 line=\"0 8 zero\"\nresume name=d0\nload name=d0 line=\"0 8 linear 254:0 0\"\n", "load/operation/errno ok->EINVAL"),
        (KernelRule.FlakeyErrorsReads, Device + "load name=d0 line=\"0 8 flakey 7:0 0 1 1\"\n", "load/device/inactive flakey"),
        (KernelRule.LimitsValidated, Linear + "load name=d0 line=\"0 8 error\"\nresume name=d0\n", "device/limits write-back"),
        (KernelRule.ErrorTakesDevice, Device + "load name=d0 line=\"0 8 error 7:0 0\"\n", "load/device/inactive-deps"),
        (KernelRule.StripedChunksBound, Device + "load name=d0 line=\"0 64 striped 1 8 7:0 0\"\nresume name=d0\n", "device/limits chunk"),
        (KernelRule.StripedDiscardsWhole, Device + "load name=d0 line=\"0 64 striped 2 8 7:0 0 7:0 64\"\nresume name=d0\n", "device/limits discard-max"),
        (KernelRule.FlakeyFeaturesStrict, Device + "load name=d0 line=\"0 8 flakey 7:0 0 1 1 2 corrupt_bio_byte 1 r 1 0\"\n", "load/machine/log"),
        (KernelRule.ResultBufferInsideRequest, "ioctl request=0xc138fd02 bytes=0400*11,310100*291,\n", "ioctl/operation/bytes"),
        (KernelRule.TargetTypesPadded, Linear + "ioctl request=0xc138fd0c bytes=0400*11,38050000380100*23,fe00*301,5c*993,\n", "ioctl/operation/bytes"),
        (KernelRule.LoopCloseFreezes,
            "setup loop-attach index=0 size=64s readonly\nsetup loop-attach index=1 size=64s\nsetup loop-attach index=2 size=64s\nsetup loop-attach index=3 size=64s\n"
            + "create name=d0\nload name=d0 line=\"0 8 delay 7:0 0 0 7:0 0 80\"\nresume name=d0\nwrite name=d0 off=0s len=8s seed=1\n", "write/machine/log-of-looking"),
        (KernelRule.StoresOpenedFirst, Device + "load name=d0 line=\"0 8 snapshot 7:0 7:0 P 8\"\n", "load/machine/log"),
        (KernelRule.ListsFilledAsFarAsTheyGo, "targets\n", "targets/operation/"),
        (KernelRule.AtomicWrites, Loop + "zero-out dev=7:0 off=0s len=8s\n", "zero-out/machine/log"),
        (KernelRule.PolledRequests, Loop + "zero-out dev=7:0 off=0s len=8s\n", "zero-out/machine/log"),
        (KernelRule.RequestErrorsPlain, Loop + "zero-out dev=7:0 off=0s len=8s\n", "zero-out/machine/log -<3>blk_update_request: "),
        (KernelRule.LoopLimitsUpdated, Loop + "zero-out dev=7:0 off=0s len=8s\n", "loop/limits write-zeroes-max"),
        (KernelRule.PrioritiesOfTasks, Loop + "zero-out dev=7:0 off=0s len=8s\n", "zero-out/machine/log (numbers or order)"),
        (KernelRule.ZeroOutFailsForGood,
            "setup loop-attach index=0 size=64s readonly\ncreate name=d0\nload name=d0 line=\"0 8 linear 7:0 0\"\nresume name=d0\nzero-out name=d0 off=0s len=8s\n",
            "zero-out/machine/log"),
        (KernelRule.SecureEraseHasLimit, Linear + "secure-erase name=d0 off=0s len=513\n", "secure-erase/operation/errno EINVAL->EOPNOTSUPP"),
        (KernelRule.PlugsKeepOrder,
            "setup loop-attach index=0 size=4096s\ncreate name=d0\nload name=d0 line=\"0 2560 striped 2 8 7:0 0 7:0 4\"\nresume name=d0\nwrite name=d0 off=0s len=2560s seed=1\n",
            "write/device/data"),
        (KernelRule.DirectWritesUnplugged,
            "setup loop-attach index=0 size=64s readonly\ncreate name=d0\nload name=d0 line=\"0 12 striped 2 3 7:0 0 7:0 0\"\nresume name=d0\nwrite name=d0 off=0s len=12s seed=1\n",
            "write/machine/log"),
        (KernelRule.EmptyDevicesUntold, Empty, "machine/log-of-looking"),
        (KernelRule.EmptyDevicesBounded, Empty, "resume/device/data"),
        (KernelRule.DirectReadsSynchronous, Linear + "loop-resize index=0 size=1s\n", "machine/log-of-looking (numbers or order)"),
        (KernelRule.ThinDiscardsByRange, Pool + "message name=p sector=0 text=\"create_thin 0\"\ncreate name=t\nload name=t line=\"0 512 thin 254:0 0\"\nresume name=t\n",
            "device/limits discard-max"),
        (KernelRule.HeldRootKnown, Pool + "message name=p sector=0 text=reserve_metadata_snap\nmessage name=p sector=0 text=reserve_metadata_snap\n", "message/"),
        (KernelRule.StatisticsKnowMerges, Linear + "message name=d0 sector=0 text=\"@stats_create - /1\"\nwrite name=d0 off=2s len=1s seed=1\nwrite name=d0 off=3s len=1s seed=1\nmessage name=d0 sector=0 text=\"@stats_print 0\"\n",
            "message/"),
        (KernelRule.StatisticsBounded, Linear + "message name=d0 sector=0 text=\"@stats_create 0+8388609 1\"\n", "message/operation/errno"),
        (KernelRule.ScannedNumbersSaturate, Device + "load name=d0 line=\"0 8 linear 7:0 18446744073709551616\"\n", "load/operation/errno ok->EINVAL"),
        (KernelRule.BiosFromCaches, Loop + "zero-out dev=7:0 off=0s len=8s\n", "zero-out/machine/log"),
        (KernelRule.FlushesGoToDevices,
            Loop + "loop-detach index=0\ncreate name=d0\nload name=d0 line=\"0 8 linear 7:0 0\" line=\"8 8 linear 7:0 8\"\nresume name=d0\nflush name=d0\n",
            "flush/machine/log"),
        (KernelRule.FlushesKeepData,
            Loop + "setup loop-attach index=1 size=1024s\ncreate name=d0\nload name=d0 line=\"0 512 striped 1 8 7:0 64\"\nresume name=d0\n"
            + "create name=s\nload name=s line=\"0 512 snapshot 7:1 254:0 P 8\"\nresume name=s\nwrite name=s off=0s len=8s seed=1\n", "data"),
        (KernelRule.ShortDelaysPolled, Device + "load name=d0 line=\"0 8 delay 7:0 0 20\"\nresume name=d0\nloop-resize index=0 size=1s\n", "machine/log-of-looking"),
        (KernelRule.DiscardsCheckedFirst,
            Device + "load name=d0 line=\"0 8 linear 7:0 0\" readonly\nresume name=d0\ndiscard name=d0 off=6s len=8s\n", "discard/operation/errno EINVAL->EPERM"),
        (KernelRule.LoopHasWorkers,
            Loop + "setup loop-attach index=1 size=1024s\ncreate name=p\nload name=p line=\"0 256 thin-pool 7:0 7:1 128 5\"\nresume name=p\n"
            + "message name=p sector=0 text=\"create_thin 0\"\ncreate name=t\nload name=t line=\"0 512 thin 254:0 0\"\nresume name=t\n"
            + "wait name=p event=0\nwrite name=t off=0s len=128s seed=1\n", "write/"),
        (KernelRule.BlocksKeepPlaces,
            Loop + "setup loop-attach index=1 size=1024s\nsetup loop-attach index=2 size=1024s\n"
            + "create name=m\nload name=m line=\"0 1024 snapshot 7:0 7:2 N 8\"\nresume name=m\n"
            + "create name=p\nload name=p line=\"0 512 thin-pool 254:0 7:1 128 0\"\nresume name=p\nmessage name=p sector=0 text=\"create_thin 0\"\n", "loop/data"),
        (KernelRule.BiosCountWhenDone,
            Linear + "create name=d1\nload name=d1 line=\"0 8 linear 254:0 0\"\nresume name=d1\nsuspend name=d0\nwrite name=d1 off=0s len=8s seed=1\n"
            + "attribute name=d1 path=stat\n",
            "attribute/operation/attribute"),
        (KernelRule.BiosMayGoUncounted,
            Linear + "attribute name=d0 path=queue/iostats text=0\nwrite name=d0 off=0s len=8s seed=1\nattribute name=d0 path=stat\n", "attribute/operation/attribute"),
        (KernelRule.DiskFilesOf61, Loop + "attribute dev=7:0 path=queue/dma_alignment\n", "attribute/operation/errno"),
        (KernelRule.ReadsLeaveHoles, Loop + "read dev=7:0 off=8s len=8s\nread dev=7:0 off=0s len=1s\nattribute dev=7:0 path=stat\n", "attribute/operation/attribute"),
        (KernelRule.PlattersReadAhead,
            Linear + "attribute dev=7:0 path=queue/rotational text=1\nload name=d0 line=\"0 8 linear 7:0 0\"\nresume name=d0\n"
            + "attribute name=d0 path=queue/read_ahead_kb\n", "attribute/operation/attribute"),
        (KernelRule.LargeBlocks, "setup loop-attach index=0 size=64s block=8192\n", "setup/loop/errno"),
        (KernelRule.LoopMediaChange, Loop + "loop-detach index=0\n", "loop-detach/machine/uevents"),
        (KernelRule.ReadOnlyToldOnce,
            "setup loop-attach index=0 size=64s readonly\ncreate name=d0\nload name=d0 line=\"0 8 linear 7:0 0\"\nresume name=d0\n"
            + "write name=d0 off=0s len=1s seed=1\nwrite name=d0 off=0s len=1s seed=1\n", "write/"),
    ];

    [TestCaseSource(nameof(Rules))]
    public async Task A_rule_alone_shows(KernelRule rule)
    {
        var (_, sequence, signature) = Shown.Single(s => s.Rule == rule);
        // Lists that are filled as far as they go count on results being inside the request: no kernel has the one without the other.
        // And a file without bytes reads as zeros only before it has an end.
        var release = rule switch
        {
            KernelRule.ResultBufferInsideRequest => KernelProfile.Linux612,
            KernelRule.EmptyDevicesBounded => KernelProfile.Linux61,
            _ => KernelProfile.Linux73,
        };
        var newest = release with { Tag = "with", Rules = new HashSet<KernelRule>(release.Rules) { rule } };
        var without = newest with { Tag = "without", Rules = newest.Rules.Where(r => r != rule).ToHashSet() };
        var summary = await MatrixScene.RunAsync([MatrixScene.Column(without), MatrixScene.Column(newest)], sequence);
        Assert.That(summary.Findings.Select(g => g.Signature), Has.Some.Contains(signature));
        Assert.That(summary.Findings.Select(g => g.Smallest.Kind), Is.All.EqualTo(FindingKind.KernelChange));
        Assert.That(summary.Findings.Select(g => g.Smallest.Modelled), Is.All.True);
    }

    private static KernelRule[] Rules() => [.. Shown.Select(s => s.Rule)];

    /// <summary>Published fixes, as sequences that show them on kernels: matrix --sequences DIR.</summary>
    [TestCaseSource(nameof(KnownFixes))]
    public async Task A_known_fix_runs_on_every_model(string file)
    {
        string text = File.ReadAllText(Path.Combine(FixFolder, file));
        Assert.That(text, Does.StartWith("# "), "what was wrong, and where it is right");
        var summary = await MatrixScene.RunAsync([.. KernelProfile.All.Select(profile => MatrixScene.Column(profile))], text);
        Assert.That(summary.Findings.Select(g => g.Smallest.Kind), Is.All.EqualTo(FindingKind.KernelChange));
    }

    private static string FixFolder => Path.Combine(Architecture.Repository.Root, "tests", "Property", "Profiles", "KnownFixes");

    private static string[] KnownFixes() => [.. Directory.GetFiles(FixFolder, "*.ops").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
