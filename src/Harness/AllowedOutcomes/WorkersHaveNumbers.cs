using System.Text.RegularExpressions;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.AllowedOutcomes;

/// <summary>A log line may name the kernel thread that submitted a bio, and any worker of a pool may have done it.</summary>
public sealed partial class WorkersHaveNumbers : AllowedOutcomeRule
{
    public override string Name => "workers-have-numbers";

    public override string Reason => "the line names the worker thread that runs (current->comm), and its number says only how many workers "
        + "were made before it and which one was idle. That it is a worker, and of which pool, stays exact.";

    public override string Source => "block/blk-core.c bio_check_eod; kernel/workqueue.c create_worker, first_idle_worker (6.1)";

    public override IEnumerable<Alternative> Alternatives(StepContext context, StepOutcome model) =>
        Alternative.OfLogs(model, Worker(), (log, kernel) => WithoutNumbers(log) == WithoutNumbers(kernel));

    private static string WithoutNumbers(string log) => Worker().Replace(log, "kworker/$1");

    [GeneratedRegex(@"kworker/(u?\d+):\d+(?=: )")]
    private static partial Regex Worker();
}
