using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.AllowedOutcomes;

/// <summary>A wait that ends because its device is removed may find the device suspended already, or not yet.</summary>
public sealed class WaiterMeetsRemoval : AllowedOutcomeRule
{
    public override string Name => "waiter-meets-removal";

    public override string Reason => "removing wakes the waiter first and suspends the device then; which of the two tasks goes on is the "
        + "scheduler's choice, and the waiter fills in its reply when it runs. Everything else in that reply stays exact.";

    public override string Source => "drivers/md/dm-ioctl.c __hash_remove, dev_wait; drivers/md/dm.c __dm_destroy (6.1)";

    public override IEnumerable<Alternative> Alternatives(StepContext context, StepOutcome model)
    {
        if (context.Operation is not (Operation.Remove or Operation.RemoveAll))
            yield break;
        foreach (var pending in context.Before.Pending)
        {
            var subject = Subject.Completion(pending.Step);
            if (pending.Operation is not Operation.Wait || model.Find(subject, Field.Flags) is not { } flags)
                continue;
            yield return Alternative.Exactly(subject, Field.Flags, Toggled(flags));
            // The digest of the reply has the flags in it; its other parts are compared as fields of their own.
            yield return new Alternative(subject, Field.Bytes, kernel => kernel is not null);
        }
    }

    private static string Toggled(string flags)
    {
        const string Suspended = "SUSPEND|";
        return flags.StartsWith(Suspended, StringComparison.Ordinal) ? flags[Suspended.Length..] : Suspended + flags;
    }
}
