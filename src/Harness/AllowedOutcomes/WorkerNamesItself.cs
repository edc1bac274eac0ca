using System.Text.RegularExpressions;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.AllowedOutcomes;

/// <summary>A line that names the process that sent an I/O past the end of a device, where that process is a worker of the kernel.</summary>
public sealed partial class WorkerNamesItself : AllowedOutcomeRule
{
    public override string Name => "worker-names-itself";

    public override string Reason => "which worker of its pool a piece of work gets, and so the number in its name, depends on all that ran "
        + "before on the machine. The rest of the line, and every other line, stays exact.";

    public override string Source => "block/blk-core.c bio_check_eod (current->comm); kernel/workqueue.c create_worker (6.1)";

    public override IEnumerable<Alternative> Alternatives(StepContext context, StepOutcome model)
    {
        foreach (var field in (Field[])[Field.Log, Field.LogOfLooking])
        {
            if (model.Find(Subject.Machine, field) is not { } ours || !ours.Contains(AccessBeyondEnd, StringComparison.Ordinal))
                continue;
            yield return new Alternative(Subject.Machine, field, theirs => theirs is not null && Worker().Replace(theirs, Submitter) == ours);
        }
    }

    private const string Submitter = "dmsim: attempt";
    private const string AccessBeyondEnd = Submitter + " to access beyond end of device";

    [GeneratedRegex(@"\bkworker/\S+: attempt(?= to access beyond end of device)")]
    private static partial Regex Worker();
}
