using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.AllowedOutcomes;

/// <summary>Uevents that two tasks send about different devices come in either order.</summary>
public sealed class UeventsOfTwoTasks : AllowedOutcomeRule
{
    public override string Name => "uevents-of-two-tasks";

    public override string Reason => "a deferred removal is the work of a worker, and a resume that waited for its pool is that of the task "
        + "that began it; both run beside the task that set them off, and the scheduler says who sends first. The events of each device stay "
        + "exact, in number and in order.";

    public override string Source => "drivers/md/dm.c dm_blk_close, do_deferred_remove, __dm_internal_resume, dm_resume; "
        + "drivers/md/dm-ioctl.c do_resume, dev_remove, dm_hash_remove_all (6.1)";

    public override IEnumerable<Alternative> Alternatives(StepContext context, StepOutcome model)
    {
        if (model.Find(Subject.Machine, Field.Uevents) is not { } uevents || !HasTwoTasks(context))
            yield break;
        var byDevice = ByDevice(uevents);
        if (byDevice.Count > 1)
            yield return new Alternative(Subject.Machine, Field.Uevents, kernel => kernel is not null && Same(byDevice, ByDevice(kernel)));
    }

    private static bool HasTwoTasks(StepContext context)
    {
        if (context.Operation is Operation.RemoveAll { Deferred: true })
            return true;
        if (context.Operation is Operation.Remove or Operation.RemoveAll or Operation.Close or Operation.Clear or Operation.LoadTable
            or Operation.Resume && context.Before.Devices.Any(device => device.IsDeferredRemove))
            return true;
        return context.Operation is Operation.Resume && context.Before.Pending.Any(pending =>
            pending.Operation is Operation.Resume or Operation.Suspend && !context.After.Pending.Contains(pending));
    }

    /// <summary>"change dm-1 …": the events of each device, in their order.</summary>
    private static SortedDictionary<string, List<string>> ByDevice(string uevents)
    {
        var byDevice = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (string uevent in uevents.Split('\n'))
        {
            string[] words = uevent.Split(' ', 3);
            string device = words.Length > 1 ? words[1] : "";
            if (!byDevice.TryGetValue(device, out var events))
                byDevice.Add(device, events = []);
            events.Add(uevent);
        }
        return byDevice;
    }

    private static bool Same(SortedDictionary<string, List<string>> a, SortedDictionary<string, List<string>> b) =>
        a.Keys.SequenceEqual(b.Keys) && a.All(pair => pair.Value.SequenceEqual(b[pair.Key]));
}
