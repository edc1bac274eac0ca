using System.Globalization;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.AllowedOutcomes;

/// <summary>A wait that the first of several events ends may find the number of that one, or of a later one.</summary>
public sealed class WaiterBetweenEvents : AllowedOutcomeRule
{
    public override string Name => "waiter-between-events";

    public override string Reason => "a pool that runs full raises an event at its low water mark, sleeps over a commit, and raises another when it "
        + "changes its mode; the waiter that the first one woke reads the number when it runs, before or after the second. Both were seen on 6.1. "
        + "Everything else in the reply, the status too, stays exact.";

    public override string Source => "drivers/md/dm-thin.c alloc_data_block, check_low_water_mark, notify_of_pool_mode_change; "
        + "drivers/md/dm-ioctl.c dev_wait; drivers/md/dm.c dm_wait_event (6.1)";

    public override IEnumerable<Alternative> Alternatives(StepContext context, StepOutcome model)
    {
        foreach (var pending in context.Before.Pending)
        {
            var subject = Subject.Completion(pending.Step);
            if (pending.Operation is not Operation.Wait || pending.Device is not { } number || context.Before.Find(number) is not { } device
                || Number(model.Find(subject, Field.EventNr)) is not { } seen)
                continue;
            for (long earlier = device.EventNr + 1L; earlier < seen; earlier++)
            {
                yield return Alternative.Exactly(subject, Field.EventNr, earlier.ToString(CultureInfo.InvariantCulture));
                // The digest of the reply has the number in it; its other parts are compared as fields of their own.
                yield return new Alternative(subject, Field.Bytes, kernel => kernel is not null);
            }
        }
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
