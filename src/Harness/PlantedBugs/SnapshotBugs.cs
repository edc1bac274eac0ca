using System.Globalization;
using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Targets;

namespace DmSim.Harness.PlantedBugs;

/// <summary>Bugs in classic snapshots: what is copied and where it is found again, what a snapshot says of itself, handover, merge.</summary>
internal static class SnapshotBugs
{
    private const string Snapshot = "snapshot", Origin = "snapshot-origin", Merge = "snapshot-merge";

    public static IReadOnlyList<PlantedBug> All { get; } =
    [
        PlantedBug.In("snapshot-chunk-size", "chunks are twice as large as the table says", () => new OtherWord(3, Doubled)),
        PlantedBug.In("snapshot-default-chunk", "a chunk of no size has 16 sectors, not 32", () => new OtherWord(3, word => word == "0" ? "16" : word)),
        PlantedBug.In("snapshot-transient", "persistent stores are kept in memory only", () => new OtherWord(2, word => word[0] is 'P' or 'p' ? "N" : word)),
        PlantedBug.In("snapshot-overflow", "user space is taken not to know of overflows", () => new OtherWord(2, word => word is "PO" or "po" ? "P" : word)),
        PlantedBug.In("snapshot-features", "features of a snapshot are forgotten", () => new Features()),
        PlantedBug.In("snapshot-refusal", "a wrong store is refused with other words", () => new OtherRefusal()),
        PlantedBug.In("snapshot-usage", "one chunk in use is not counted", () => new Says(Snapshot, StatusType.Info, OneChunkLess)),
        PlantedBug.In("snapshot-metadata-usage", "the header is not counted as metadata", () => new Says(Snapshot, StatusType.Info, NoMetadata)),
        PlantedBug.In("snapshot-invalid", "an invalid snapshot says that it has overflowed", () => new Says(Snapshot, StatusType.Info, text => text == "Invalid" ? "Overflow" : text)),
        PlantedBug.In("snapshot-table", "the type of the store is shown without its option", () => new Says(Snapshot, StatusType.Table, text => text.Replace(" PO ", " P ", StringComparison.Ordinal))),
        PlantedBug.In("snapshot-reads", "what a snapshot has of its own is read from the origin", () => new ReadsOrigin()),
        PlantedBug.In("snapshot-writes", "writes to a snapshot go to the origin", () => new WritesOrigin()),
        PlantedBug.In("snapshot-discard", "a discard does not zero what was copied", () => new DiscardsNothing()),
        PlantedBug.In("snapshot-granularity", "the granularity of discards is bytes, as it ought to be", () => new Granularity()),
        PlantedBug.In("snapshot-handover-early", "a handover does not wait for its source to be suspended", () => new UncheckedHandover()),
        PlantedBug.In("snapshot-inactive", "a resumed snapshot does not hear of writes to its origin", () => new NotResumed(Snapshot)),
        PlantedBug.In("snapshot-split", "I/O to a snapshot is split one sector past the end of the chunk", () => new Split()),
        PlantedBug.In("origin-copies", "writes to an origin are not copied", () => new NoCopies()),
        PlantedBug.In("origin-edges", "only what begins in the first half of a chunk is copied", () => new HalfCopies()),
        PlantedBug.In("origin-status", "an origin shows its table as status", () => new Says(Origin, StatusType.Info, _ => "origin")),
        PlantedBug.In("merge-start", "a merge does not begin", () => new NotResumed(Merge)),
        PlantedBug.In("merge-usage", "a merged chunk still counts", () => new Says(Merge, StatusType.Info, OneChunkLess)),
    ];

    private static string Doubled(string word) =>
        uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out uint size) && size is > 0 and < 1 << 20
            ? (size * 2).ToString(CultureInfo.InvariantCulture) : word;

    /// <summary>"allocated/total metadata", with eight sectors less allocated.</summary>
    private static string OneChunkLess(string text) =>
        text.Split('/') is [var allocated, var rest] && ulong.TryParse(allocated, out ulong sectors) && sectors >= 8
            ? $"{sectors - 8}/{rest}" : text;

    private static string NoMetadata(string text) => text.Split(' ') is [var usage, not "0"] ? $"{usage} 1" : text;

    /// <summary>The origin and the COW device of a snapshot.</summary>
    private static (BlockDevice Origin, BlockDevice Cow) Devices(Target snapshot)
    {
        var devices = new List<TableDevice>();
        snapshot.IterateDevices((device, _, _) =>
        {
            devices.Add(device);
            return false;
        });
        return (devices[0].Device, devices[1].Device);
    }

    private sealed class OtherWord(int at, Func<string, string> change) : TargetMutation
    {
        public override string Type => Snapshot;

        public override string[] Arguments(string[] argv)
        {
            if (argv.Length > at && argv[at].Length > 0)
                argv[at] = change(argv[at]);
            return argv;
        }
    }

    private sealed class Features : TargetMutation
    {
        private const int Required = 4;

        public override string Type => Snapshot;
        public override string[] Arguments(string[] argv) => argv.Length > Required && argv[Required] is "1" or "2" ? argv[..Required] : argv;
    }

    private sealed class OtherRefusal : TargetMutation
    {
        public override string Type => Snapshot;
        public override string? Refusal(string? error) => error == "Couldn't create exception store" ? "Exception store type is not P or N" : error;
    }

    private sealed class Says(string type, StatusType status, Func<string, string> change) : TargetMutation
    {
        public override string Type => type;

        public override string Status(Target right, StatusType asked, bool noflush, string[] argv)
        {
            string text = right.Status(asked, noflush);
            return asked == status ? change(text) : text;
        }
    }

    private sealed class ReadsOrigin : TargetMutation
    {
        public override string Type => Snapshot;

        public override MapResult Map(Target right, TargetBio bio)
        {
            if (bio.IsWrite || right.Status(StatusType.Info, noflush: true) == "Invalid")
                return right.Map(bio);
            bio.Device = Devices(right).Origin;
            return MapResult.Remapped;
        }
    }

    private sealed class WritesOrigin : TargetMutation
    {
        public override string Type => Snapshot;

        public override MapResult Map(Target right, TargetBio bio)
        {
            if (bio.Op != BioOp.Write || bio.IsPreflush || !right.Status(StatusType.Info, noflush: true).Contains('/', StringComparison.Ordinal))
                return right.Map(bio);
            bio.Device = Devices(right).Origin;
            return MapResult.Remapped;
        }
    }

    private sealed class DiscardsNothing : TargetMutation
    {
        public override string Type => Snapshot;

        public override MapResult Map(Target right, TargetBio bio)
        {
            if (bio.Op != BioOp.Discard)
                return right.Map(bio);
            bio.End();
            return MapResult.Submitted;
        }
    }

    private sealed class Granularity : TargetMutation
    {
        public override string Type => Snapshot;

        public override QueueLimits IoHints(Target right, QueueLimits limits)
        {
            var hints = right.IoHints(limits);
            return hints == limits ? limits : hints with { DiscardGranularity = hints.DiscardGranularity << Sectors.Shift };
        }
    }

    private sealed class UncheckedHandover : TargetMutation
    {
        public override string Type => Snapshot;
        public override Errno Preresume(Target right) => Errno.None;
    }

    private sealed class NotResumed(string type) : TargetMutation
    {
        public override string Type => type;
        public override ValueTask ResumeAsync(Target right) => ValueTask.CompletedTask;
    }

    private sealed class Split : TargetMutation
    {
        public override string Type => Snapshot;
        public override uint MaxIoLen(Target right) => right.MaxIoLen == 0 ? 0 : right.MaxIoLen + 1;
    }

    private sealed class NoCopies : TargetMutation
    {
        public override string Type => Origin;

        public override MapResult Map(Target right, TargetBio bio)
        {
            right.IterateDevices((device, _, _) =>
            {
                bio.Device = device.Device;
                return true;
            });
            return MapResult.Remapped;
        }
    }

    private sealed class HalfCopies : TargetMutation
    {
        private const ulong Half = 4;

        public override string Type => Origin;

        public override MapResult Map(Target right, TargetBio bio)
        {
            if (!bio.IsWrite || (bio.Sector & Half) == 0)
                return right.Map(bio);
            right.IterateDevices((device, _, _) =>
            {
                bio.Device = device.Device;
                return true;
            });
            return MapResult.Remapped;
        }
    }
}
