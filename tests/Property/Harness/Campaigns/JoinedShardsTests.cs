using DmSim.Abi;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Campaigns;
using DmSim.Harness.Fuzzing.Programs;
using DmSim.Harness.Generators;
using DmSim.Harness.Lowering;
using DmSim.Harness.Matrix;
using DmSim.Harness.Outcomes;
using DmSim.Harness.PlantedBugs;
using DmSim.Harness.Running;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;
using static DmSim.Property.Harness.Matrix.MatrixScene;

namespace DmSim.Property.Harness.Campaigns;

/// <summary>N shards merged say what one run of the whole says, but for what the machines took.</summary>
[TestFixture]
public sealed class JoinedShardsTests
{
    private const int Cases = 23;

    private static GeneratedCases Drawn => new(AreaRegistry.Find("striped")!, 1, Cases, 12);

    private static ModelMachine Fresh() => new(KernelProfile.Linux61);

    private static async Task<ConformResult> ConformAsync(Shard shard, bool all)
    {
        var bug = PlantedBugCatalogue.All.Single(known => known.Name == "striped-chunks");
        var contest = new Contest(Fresh, "model", new Comparer(AllowedOutcomeRules.All), LookPolicy.WhenTouched);
        await using var kernel = new InProcessBatchMachine("wrong", () => bug.FreshModel(KernelProfile.Linux61));
        var summary = await new ConformanceRunner(contest, new ConformanceOptions([_ => new((IBatchMachine)kernel)], StopAtDivergence: !all))
            .RunAsync(shard.Of(Drawn), null);
        var reported = summary.Noted.DistinctBy(n => n.Result is Diverged d ? d.Divergence.Signature.ToString() : n.Name)
            .ToDictionary(n => n.Index, n => ReportedResult.Of(n.Result, n.Result.Sequence));
        return Timeless(ConformResult.Of(summary, shard, !all, reported));
    }

    private static ConformResult Timeless(ConformResult result) =>
        result with { Figures = result.Figures with { Elapsed = TimeSpan.Zero }, FirstStepAfter = null };

    private static IEnumerable<Shard> Shards(int count) => Enumerable.Range(1, count).Select(i => new Shard(i, count));

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(7)]
    public async Task Of_conform(int count)
    {
        var whole = await ConformAsync(Shard.Whole, all: true);
        Assert.That(whole.Noted, Has.Count.GreaterThan(2), "the bug shows");
        var parts = new List<ConformResult>();
        foreach (var shard in Shards(count))
            parts.Add(await ConformAsync(shard, all: true));
        Assert.That(ResultFile.Print(ConformResult.Join(parts)), Is.EqualTo(ResultFile.Print(whole)));
    }

    [Test]
    public async Task Of_conform_that_stops_at_the_first_divergence()
    {
        var whole = await ConformAsync(Shard.Whole, all: false);
        var parts = new List<ConformResult>();
        foreach (var shard in Shards(4))
            parts.Add(await ConformAsync(shard, all: false));
        var joined = ConformResult.Join(parts);
        Assert.That(joined.Noted.Select(n => (n.Index, n.Case, n.Says)), Is.EqualTo(whole.Noted.Select(n => (n.Index, n.Case, n.Says))));
        Assert.That(joined.Noted.Select(n => n.Report?.Screen), Is.EqualTo(whole.Noted.Select(n => n.Report?.Screen)));
    }

    private static readonly string[] Sequences =
    [
        "create name=control\n", "version\ncreate name=control\n", "create name=d0\nremove name=d0\n", "ls\ncreate name=control\n", "version\n",
        "create name=a<b&c\u0001\n", "ls\nls\ncreate name=control\n",
    ];

    private static async Task<MatrixSummary> MatrixAsync(Shard shard)
    {
        var columns = new[] { Column(KernelProfile.Linux61), Column(KernelProfile.Linux612, shows: KernelProfile.Linux61), Column(KernelProfile.Linux73) };
        var runner = new MatrixRunner(Fresh, columns, 1);
        var judge = new MatrixJudge(new Comparer(AllowedOutcomeRules.All), new MatrixPairs());
        var cases = shard.Of(new FixedCases([.. Sequences.Select((text, i) => ($"case {i}", Parse(text)))]));
        return await new MatrixCampaign(runner, judge).RunAsync(cases, null, CancellationToken.None);
    }

    private static string Timeless(MatrixSummary summary) => ResultFile.Print(summary with
    {
        Elapsed = TimeSpan.Zero,
        Findings = [.. summary.Findings.Select(g => g with { Fastest = g.Smallest, FastestTime = TimeSpan.Zero })],
    });

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(7)]
    public async Task Of_matrix_with_its_reports(int count)
    {
        var whole = await MatrixAsync(Shard.Whole);
        Assert.That(whole.Findings, Has.Count.GreaterThan(2));
        var parts = new List<(Shard, MatrixSummary)>();
        foreach (var shard in Shards(count))
            parts.Add((shard, await MatrixAsync(shard)));
        var joined = MatrixResult.Join(parts);
        Assert.That(Timeless(joined), Is.EqualTo(Timeless(whole)));
        Assert.That(MatrixTable.Of(joined).Rows.SelectMany(r => r.Cells), Is.EqualTo(MatrixTable.Of(whole).Rows.SelectMany(r => r.Cells)));
    }

    [TestCase(1)]
    [TestCase(4)]
    public void Of_programs_on_the_model(int count)
    {
        const int Programs = 10;
        FuzzResult Run(Shard shard)
        {
            var programs = new ModelPrograms(Fresh, FuzzKind.Table, 5) { LoadsOnly = true, Shard = shard };
            var result = programs.ResultOf(programs.Run(TimeSpan.FromMinutes(5), Programs, 2), null, cancelled: false);
            return result with { OnModel = result.OnModel with { Time = TimeSpan.Zero }, Longest = TimeSpan.Zero };
        }

        var joined = FuzzResult.Join([.. Shards(count).Select(Run)]);
        Assert.That(ResultFile.Print(joined), Is.EqualTo(ResultFile.Print(Run(Shard.Whole) with { Targets = joined.Targets })));
        Assert.That(joined.Programs, Is.EqualTo(Programs));
    }

    /// <summary>What two shards have found is one problem, found again; the shorter program is kept.</summary>
    [Test]
    public void Of_fuzz_with_what_both_have_found()
    {
        static FoundProblem Problem(string signature, string program) => new(
            DmSim.Harness.Fuzzing.Campaign.ProblemKind.Crash, signature, "detail", false, Parse(program));

        var none = new FuzzResult(["zero"], 1, 2, 3, new(0, TimeSpan.Zero), new(0, TimeSpan.Zero), ["a"], ["f"], ["dm_mod:f"], 0, 0, 1, 0, 0, [], TimeSpan.Zero, false);
        var joined = FuzzResult.Join(
        [
            none with { Findings = [Problem("oops", "ls\nls\n"), Problem("hang", "ls\n")], Answers = ["a", "b"] },
            none with { Findings = [Problem("oops", "version\n")], Answers = ["b", "c"], Functions = ["g"] },
        ]);
        Assert.That(joined.Findings.Select(f => f.Sequence.ToString()), Is.EqualTo((string[])["ls\n", "version\n"]));
        Assert.That((joined.Repeated, joined.Programs, joined.Starts), Is.EqualTo((1, 2L, 2)));
        Assert.That((joined.Answers.Count, joined.Functions.Count), Is.EqualTo((3, 2)));
    }
}
