using System.Globalization;
using System.Text.RegularExpressions;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.AllowedOutcomes;

/// <summary>
/// How many pieces of memory a failed I/O of the kernel's own had. What a program's I/O has stays exact: its buffers are laid out.
/// </summary>
public sealed partial class SegmentsByMemory : AllowedOutcomeRule
{
    public override string Name => "segments-by-memory";

    public override string Reason => "a chunk of a snapshot's store lies in memory that the kernel takes page by page; pages that happen "
        + "to be neighbours are one segment. The model counts pages: a kernel says so many, or fewer, and no other word may differ.";

    public override string Source => "drivers/md/dm-snap-persistent.c alloc_area; block/bio.c page_is_mergeable; block/blk-mq.c "
        + "blk_print_req_error (6.1)";

    public override IEnumerable<Alternative> Alternatives(StepContext context, StepOutcome model) => context.Operation is Operation.Io ? []
        : Alternative.OfLogs(model, Segments(), static (log, kernel) => WithoutCounts(log) == WithoutCounts(kernel)
            && Counts(kernel).Zip(Counts(log)).All(pair => pair.First >= 1 && pair.First <= pair.Second));

    private static string WithoutCounts(string log) => Segments().Replace(log, "phys_seg");

    private static IEnumerable<int> Counts(string log) =>
        Segments().Matches(log).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"phys_seg (\d{1,6})(?= prio class )", RegexOptions.CultureInvariant)]
    private static partial Regex Segments();
}
