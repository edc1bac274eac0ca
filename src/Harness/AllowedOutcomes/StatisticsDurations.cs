using System.Globalization;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.AllowedOutcomes;

/// <summary>
/// How long I/O took, in what @stats_print answers, may differ by some milliseconds for each I/O. Counts, sectors, merges, what is on the
/// way, and histograms stay exact.
/// </summary>
public sealed class StatisticsDurations : AllowedOutcomeRule
{
    /// <summary>
    /// A jiffy or two: I/O that crosses a tick is a jiffy long, and a timer is a jiffy late or not.
    /// </summary>
    private const ulong MillisecondsPerIo = 8;

    private const ulong NanosecondsPerMillisecond = 1_000_000;

    /// <summary>Of a line: the range, four numbers of reads, four of writes, what is on the way, four times, the histogram.</summary>
    private static readonly int[] Durations = [4, 8, 10, 11, 12, 13];

    private const int Reads = 1, Writes = 5, OnTheWay = 9, Numbers = 14;

    /// <summary>Digits of a 64-bit number.</summary>
    private const int LongestNumber = 20;

    public override string Name => "statistics-durations";

    public override string Reason => "an I/O takes the time that the machine takes for it, which is none in the model; the counters of time "
        + "add up what the kernel's clock says.";

    public override string Source => "drivers/md/dm-stats.c dm_stat_for_entry, dm_stat_round (6.1)";

    public override IEnumerable<Alternative> Alternatives(StepContext context, StepOutcome model)
    {
        if (context.Operation is not Operation.Message message || model.OfOperation(Field.Message) is not { } answer)
            yield break;
        string[] words = message.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || !words[0].StartsWith("@stats_print", StringComparison.OrdinalIgnoreCase) || !HasIo(answer))
            yield break;
        var device = context.Before.Resolve(message.Device);
        bool precise = context.Before.Regions.Any(region => region.Device == device && region.Id == words[1] && region.Precise);
        yield return new Alternative(Subject.Operation, Field.Message, kernel => kernel is not null && IsLike(answer, kernel, precise));
        // Both follow from the text, which is compared: its length, and a digest of the bytes that it is among.
        int lines = answer.Count(c => c == '\n') + 1;
        yield return new Alternative(Subject.Operation, Field.DataSize, kernel =>
            IsNear(model.OfOperation(Field.DataSize), kernel, lines * Durations.Length * LongestNumber));
        yield return new Alternative(Subject.Operation, Field.Bytes, kernel => kernel is not null);
    }

    private static bool HasIo(string answer) => answer.Split('\n').Any(line => IoOf(line.Split(' ')) > 0);

    private static ulong IoOf(string[] words) => words.Length < Numbers ? 0
        : Number(words[Reads]) + Number(words[Writes]) + Number(words[OnTheWay]);

    private static ulong Number(string word) =>
        ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : 0;

    private static bool IsLike(string model, string kernel, bool precise)
    {
        string[] ours = model.Split('\n'), theirs = kernel.Split('\n');
        if (ours.Length != theirs.Length)
            return false;
        for (int i = 0; i < ours.Length; i++)
        {
            if (!IsLineLike(ours[i].Split(' '), theirs[i].Split(' '), precise))
                return false;
        }
        return true;
    }

    private static bool IsLineLike(string[] ours, string[] theirs, bool precise)
    {
        if (ours.Length != theirs.Length)
            return false;
        ulong tolerance = IoOf(ours) * MillisecondsPerIo * (precise ? NanosecondsPerMillisecond : 1);
        for (int i = 0; i < ours.Length; i++)
        {
            bool fits = Array.IndexOf(Durations, i) >= 0
                ? Distance(Number(ours[i]), Number(theirs[i])) <= tolerance : ours[i] == theirs[i];
            if (!fits)
                return false;
        }
        return true;
    }

    private static ulong Distance(ulong a, ulong b) => a > b ? a - b : b - a;

    private static bool IsNear(string? model, string? kernel, int most) =>
        model is not null && kernel is not null && Distance(Number(model), Number(kernel)) <= (ulong)most;
}
