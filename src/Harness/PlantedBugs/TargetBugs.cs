using System.Globalization;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Targets;

namespace DmSim.Harness.PlantedBugs;

/// <summary>Bugs inside targets: where I/O goes, when, and what a target says of itself.</summary>
internal static class TargetBugs
{
    public static IReadOnlyList<PlantedBug> All { get; } =
    [
        PlantedBug.In("linear-start", "a linear target begins one sector too late", () => new LinearStart()),
        PlantedBug.In("linear-refusal", "the words of a refusal are others", () => new LinearRefusal()),
        PlantedBug.In("striped-chunks", "neighbouring chunks are swapped", () => new StripedChunks()),
        PlantedBug.In("striped-split", "I/O is split one sector past the end of the chunk", () => new StripedSplit()),
        PlantedBug.In("striped-status", "a stripe that works is shown as dead", () => new StripedStatus()),
        PlantedBug.In("delay-too-long", "delays last 300 ms longer", () => new DelayTooLong()),
        PlantedBug.In("delay-count", "one more I/O waits than does", () => new DelayCount()),
        PlantedBug.In("delay-suspend", "a suspend does not let go what waits", () => new DelaySuspend()),
        PlantedBug.In("flakey-always-up", "flakey never fails", () => new FlakeyAlwaysUp()),
        PlantedBug.In("flakey-features", "the features of flakey are not shown", () => new FlakeyFeatures()),
        PlantedBug.In("zero-refuses-writes", "writes to the zero target fail", () => new ZeroRefusesWrites()),
        PlantedBug.In("error-takes-writes", "writes to the error target succeed", () => new ErrorTakesWrites()),
    ];

    private sealed class LinearStart : TargetMutation
    {
        public override string Type => "linear";

        public override MapResult Map(Target right, TargetBio bio)
        {
            var result = right.Map(bio);
            // Within the device below, so that it is the wrong place and no error.
            if (bio.EndSector < bio.Device.Capacity.Value)
                bio.Sector++;
            return result;
        }
    }

    private sealed class LinearRefusal : TargetMutation
    {
        public override string Type => "linear";
        public override string? Refusal(string? error) => error == "Invalid argument count" ? "Wrong argument count" : error;
    }

    private sealed class StripedChunks : TargetMutation
    {
        public override string Type => "striped";

        public override MapResult Map(Target right, TargetBio bio)
        {
            ulong chunk = right.MaxIoLen, at = unchecked(bio.Sector - right.Begin.Value);
            ulong pair = at / (2 * chunk) * (2 * chunk);
            if (bio.HasData && pair + 2 * chunk <= right.Length.Value)
                bio.Sector = right.Begin.Value + pair + (at - pair + chunk) % (2 * chunk);
            return right.Map(bio);
        }
    }

    private sealed class StripedSplit : TargetMutation
    {
        public override string Type => "striped";
        public override uint MaxIoLen(Target right) => right.MaxIoLen + 1;
    }

    private sealed class StripedStatus : TargetMutation
    {
        public override string Type => "striped";

        public override string Status(Target right, StatusType type, bool noflush, string[] argv)
        {
            string text = right.Status(type, noflush);
            return type == StatusType.Info ? text[..^1] + 'D' : text;
        }
    }

    private sealed class DelayTooLong : TargetMutation
    {
        private const uint Longer = 300;

        public override string Type => "delay";

        public override string[] Arguments(string[] argv)
        {
            for (int i = 2; i < argv.Length; i += 3)
            {
                if (uint.TryParse(argv[i], NumberStyles.None, CultureInfo.InvariantCulture, out uint delay) && delay is > 0 and < 1000)
                    argv[i] = (delay + Longer).ToString(CultureInfo.InvariantCulture);
            }
            return argv;
        }

        /// <summary>The table shows what was asked for.</summary>
        public override string Status(Target right, StatusType type, bool noflush, string[] argv)
        {
            string[] words = right.Status(type, noflush).Split(' ');
            for (int i = 2; type == StatusType.Table && i < Math.Min(words.Length, argv.Length); i += 3)
                words[i] = uint.TryParse(argv[i], NumberStyles.None, CultureInfo.InvariantCulture, out uint delay) && delay is > 0 and < 1000
                    ? delay.ToString(CultureInfo.InvariantCulture) : words[i];
            return string.Join(' ', words);
        }
    }

    private sealed class DelayCount : TargetMutation
    {
        public override string Type => "delay";

        public override string Status(Target right, StatusType type, bool noflush, string[] argv)
        {
            string text = right.Status(type, noflush);
            return type == StatusType.Info && text.StartsWith("0 ", StringComparison.Ordinal) ? "1" + text[1..] : text;
        }
    }

    private sealed class DelaySuspend : TargetMutation
    {
        public override string Type => "delay";
        public override ValueTask PresuspendAsync(Target right) => ValueTask.CompletedTask;
    }

    private sealed class FlakeyAlwaysUp : TargetMutation
    {
        public override string Type => "flakey";

        public override MapResult Map(Target right, TargetBio bio)
        {
            right.IterateDevices((device, start, _) =>
            {
                bio.Device = device.Device;
                bio.Sector = unchecked(start.Value + (bio.Sector - right.Begin.Value));
                return true;
            });
            return MapResult.Remapped;
        }
    }

    private sealed class FlakeyFeatures : TargetMutation
    {
        public override string Type => "flakey";

        public override string Status(Target right, StatusType type, bool noflush, string[] argv)
        {
            string text = right.Status(type, noflush);
            return type == StatusType.Table ? string.Join(' ', text.Split(' ').Take(4)) + " 0 " : text;
        }
    }

    private sealed class ZeroRefusesWrites : TargetMutation
    {
        public override string Type => "zero";
        public override MapResult Map(Target right, TargetBio bio) => bio.IsWrite ? MapResult.Kill : right.Map(bio);
    }

    private sealed class ErrorTakesWrites : TargetMutation
    {
        public override string Type => "error";

        public override MapResult Map(Target right, TargetBio bio)
        {
            if (!bio.IsWrite)
                return right.Map(bio);
            bio.End(BlkStatus.Ok);
            return MapResult.Submitted;
        }
    }
}
