using System.Globalization;
using System.Text.RegularExpressions;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.AllowedOutcomes;

/// <summary>How many devices a removal of all finds open in its last round, while a worker removes those that it has marked.</summary>
public sealed partial class LeftByTwoTasks : AllowedOutcomeRule
{
    public override string Name => "left-by-two-tasks";

    public override string Reason => "a device that was marked is removed by a worker as soon as the last one closes it, beside the task that "
        + "removes all; each waits at the end of every device for a grace period of RCU, so which is ahead when the task counts what is "
        + "still open is the scheduler's affair. It counts no fewer than are left in the end, and no more than were open in the beginning.";

    public override string Source => "drivers/md/dm-ioctl.c dm_hash_remove_all; drivers/md/dm.c dm_blk_close, do_deferred_remove; "
        + "block/genhd.c blk_mark_disk_dead, del_gendisk (6.1)";

    public override IEnumerable<Alternative> Alternatives(StepContext context, StepOutcome model)
    {
        var (before, after) = (context.Before.Devices, context.After.Devices);
        if (context.Operation is not Operation.RemoveAll removal || !(removal.Deferred || before.Any(device => device.IsDeferredRemove)))
            yield break;
        int least = after.Count(device => before.Any(old => old.Number == device.Number)), most = before.Count(device => device.OpenCount > 0);
        if (least >= most)
            yield break;
        string rest = WithoutCount(model.Find(Subject.Machine, Field.Log) ?? "");
        yield return new Alternative(Subject.Machine, Field.Log, kernel =>
            WithoutCount(kernel ?? "") == rest && Counted(kernel ?? "") is { } left && left >= least && left <= most);
    }

    private static string WithoutCount(string log) =>
        string.Join('\n', log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !Line().IsMatch(line)));

    /// <summary>0 when there is no line; null when there is more than one.</summary>
    private static int? Counted(string log)
    {
        var lines = log.Split('\n').Select(line => Line().Match(line)).Where(match => match.Success).ToList();
        return lines.Count switch
        {
            0 => 0,
            1 => int.Parse(lines[0].Groups[1].ValueSpan, CultureInfo.InvariantCulture),
            _ => null,
        };
    }

    [GeneratedRegex(@"^<4>device-mapper: ioctl: remove_all left ([1-9]\d{0,8}) open device\(s\)$")]
    private static partial Regex Line();
}
