using DmSim.Abi;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Reports;
using DmSim.Harness.Running;
using DmSim.Kernel.Local;
using NUnit.Framework;

namespace DmSim.Property.Harness;

[TestFixture]
public sealed class TidiedKernelTests
{
    private static readonly Contest Contest = new(() => new FakeMachine(), "fake", new Comparer(AllowedOutcomeRules.All));

    private static readonly OperationSequence Sequence = Parse("create name=d0\nversion\n");

    private static OperationSequence Parse(string text)
    {
        Assert.That(OperationSequence.TryParse(text, out var sequence, out string error), Is.True, error);
        return sequence!;
    }

    /// <summary>A kernel that refuses DM_VERSION: always, or only where it was tidied.</summary>
    private sealed class Kernel(bool wrongWhenTidied, bool wrongWhenSaved) : IBatchMachine
    {
        private readonly InProcessBatchMachine _right = new("right", () => new FakeMachine());
        private readonly InProcessBatchMachine _wrong = new("wrong", () => new FakeMachine
        {
            Tamper = (command, _, errno) => command == DmCommand.DM_VERSION ? Errno.EIO : errno,
        });

        public List<ResetKind> Resets { get; } = [];
        public bool IsTidied => Resets.Count > 1 && Resets[^1] == ResetKind.TidiedIfPossible;
        public string Description => "kernel";
        private InProcessBatchMachine Current => (IsTidied ? wrongWhenTidied : wrongWhenSaved) ? _wrong : _right;

        public ValueTask<GuestFailure?> ResetAsync(ResetKind kind, CancellationToken cancel = default)
        {
            Resets.Add(kind);
            return Current.ResetAsync(kind, cancel);
        }

        public ValueTask<BatchReply> RunBatchAsync(IReadOnlyList<ScheduledCall> calls, CancellationToken cancel = default) =>
            Current.RunBatchAsync(calls, cancel);

        public async ValueTask DisposeAsync()
        {
            await _right.DisposeAsync();
            await _wrong.DisposeAsync();
        }
    }

    private static async Task<ConformanceSummary> RunAsync(Kernel kernel, ResetKind reset = ResetKind.TidiedIfPossible) =>
        await new ConformanceRunner(Contest, new ConformanceOptions([_ => new(kernel)], StopAtDivergence: false) { Reset = reset })
            .RunAsync(new FixedCases([("first", Sequence), ("second", Sequence)]), null);

    [Test]
    public async Task Cases_that_agree_run_once_and_the_summary_says_in_which_guest()
    {
        var kernel = new Kernel(false, false);
        var summary = await RunAsync(kernel);
        Assert.That(kernel.Resets, Is.EqualTo(new[] { ResetKind.TidiedIfPossible, ResetKind.TidiedIfPossible }));
        Assert.That((summary.AllAgree, summary.Figures.Cases, summary.Figures.TidiedCases), Is.EqualTo((true, 2, 1)));
        Assert.That(SummaryReport.Write(summary), Does.Contain("1 cases from the saved state, 1 in a guest that had put everything back"));
    }

    [Test]
    public async Task A_difference_in_a_tidied_guest_only_is_no_divergence_but_is_told()
    {
        var kernel = new Kernel(wrongWhenTidied: true, wrongWhenSaved: false);
        var summary = await RunAsync(kernel);
        Assert.That(kernel.Resets, Is.EqualTo(new[] { ResetKind.TidiedIfPossible, ResetKind.TidiedIfPossible, ResetKind.Saved }));
        Assert.That((summary.AllAgree, summary.OnlyOnTidied.Count, summary.OnlyOnTidied[0].Name), Is.EqualTo((true, 1, "second")));
        Assert.That(SummaryReport.Write(summary), Does.Contain("1 differed only in such a guest").And.Contain("second: diverges in version/op"));
        Assert.That(JsonReport.Of(summary)["onlyOnTidiedKernel"]!.AsArray(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_difference_in_a_tidied_guest_that_comes_again_from_the_saved_state_is_a_divergence()
    {
        var summary = await RunAsync(new Kernel(true, true));
        Assert.That(summary.Noted.Select(noted => noted.Name), Is.EqualTo(new[] { "first", "second" }));
        Assert.That(summary.Noted.Select(noted => noted.Result.OnTidiedKernel), Is.All.False, "what counts is the run from the saved state");
        Assert.That(summary.OnlyOnTidied, Is.Empty);
    }

    [Test]
    public async Task Asked_for_the_saved_state_every_case_begins_there()
    {
        var kernel = new Kernel(true, false);
        var summary = await RunAsync(kernel, ResetKind.Saved);
        Assert.That(kernel.Resets, Is.All.EqualTo(ResetKind.Saved));
        Assert.That((summary.AllAgree, summary.OnlyOnTidied.Count), Is.EqualTo((true, 0)));
    }

    [TestCase("I/O error, dev loop0, sector {0} op 0x0:(READ)", 9, 0.1, ExpectedResult = false)]
    [TestCase("I/O error, dev loop0, sector {0} op 0x0:(READ)", 10, 0.1, ExpectedResult = true)]
    [TestCase("I/O error, dev loop0, sector {0} op 0x0:(READ)", 30, 0.5, ExpectedResult = true)]
    [TestCase("I/O error, dev loop0, sector {0} op 0x0:(READ)", 30, 0.6, ExpectedResult = false, Description = "never ten in five seconds")]
    [TestCase("device-mapper: ioctl: error adding target to table", 30, 0.1, ExpectedResult = false, Description = "always said")]
    public bool A_log_that_may_lack_lines_is_noticed(string text, int times, double secondsApart) => GuestTidier.MayHaveBeenLimited(
        [.. Enumerable.Range(0, times).Select(i => new TimedLine(TimeSpan.FromSeconds(i * secondsApart),
            string.Format(System.Globalization.CultureInfo.InvariantCulture, text, i)))]).Count > 0;

    [Test]
    public void Failed_requests_of_all_kinds_count_together() => Assert.That(GuestTidier.MayHaveBeenLimited(
        [.. Enumerable.Range(0, 10).Select(i => new TimedLine(TimeSpan.Zero,
            i % 2 == 0 ? "I/O error, dev loop0, sector 1" : "operation not supported error, dev loop1, sector 2"))]), Has.Count.EqualTo(1));

    private sealed class FixedCases((string Name, OperationSequence Sequence)[] cases) : ICaseSource
    {
        public int Count => cases.Length;
        public IOperationSource Open(int index) => new FixedSource(cases[index].Sequence);
        public string NameOf(int index) => cases[index].Name;
    }
}
