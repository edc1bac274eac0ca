using DmSim.Harness.Matrix;
using DmSim.Model.Profiles;
using NUnit.Framework;
using static DmSim.Property.Harness.Matrix.MatrixScene;

namespace DmSim.Property.Harness.Matrix;

[TestFixture]
public sealed class FindingShrinkerTests
{
    private const string Long = "create name=d0\ncreate name=d1\ninfo name=d0\ncreate name=control\nremove name=d1\nremove name=d0\n";

    private static readonly HashSet<string> Nothing = [];

    /// <summary>Its models are of no use to it: both show what the older release does.</summary>
    private static readonly MatrixColumn[] Unmodelled = [Column(KernelProfile.Linux61), Column("new", Column(KernelProfile.Linux612).Kernel, null)];

    private static async Task<string[]> SmallestAsync(MatrixColumn[] columns, MatrixPairs pairs, IReadOnlySet<string> known)
    {
        var summary = await RunAsync(columns, pairs, known, Long);
        return [.. summary.Findings.Where(g => g.Signature.Contains("create/operation/errno", StringComparison.Ordinal)).Select(g => g.Smallest.Sequence.ToString().Trim())];
    }

    [Test]
    public async Task What_two_kernels_do_differently_is_left_alone_in_the_sequence()
    {
        var summary = await RunAsync(Unmodelled, new MatrixPairs(), Nothing, Long);
        var smallest = summary.Findings.Single(g => g.Signature == "6.1->new create/operation/errno ok->EINVAL").Smallest;
        Assert.That(smallest.Sequence.ToString().Trim(), Is.EqualTo("create name=control"));
        Assert.That((smallest.Case, smallest.Verdict, smallest.Step, smallest.Values.Count), Is.EqualTo(("case 0", "new since new", 1, 3)));
    }

    [Test]
    public async Task So_it_is_against_one_kernel_that_is_not_the_one_before() => Assert.That(
        await SmallestAsync([Column("new", Column(KernelProfile.Linux612).Kernel, null), Column("other", Column(KernelProfile.Linux612).Kernel, null), Column(KernelProfile.Linux61)],
            new MatrixPairs("6.1"), Nothing), Is.EqualTo((string[])["create name=control", "create name=control"]));

    [Test]
    public async Task A_models_error_is_made_small() => Assert.That(
        await SmallestAsync([Column(KernelProfile.Linux612, shows: KernelProfile.Linux61)], new MatrixPairs(), Nothing), Is.EqualTo((string[])["create name=control"]));

    [Test]
    public async Task A_crash_is_made_small()
    {
        var summary = await RunAsync([Column(KernelProfile.Linux61), Column("6.12", new CrashingKernel(), null)], new MatrixPairs(), Nothing, Long);
        var crash = summary.Findings.Single(g => g.Smallest.Kind == FindingKind.GuestFailure).Smallest;
        Assert.That(crash.Sequence.Operations, Has.Count.LessThan(4));
    }

    [Test]
    public async Task What_is_known_stays_as_it_was_found()
    {
        string[] small = ["create name=d0\ncreate name=d1\ninfo name=d0\ncreate name=control"];
        Assert.That(await SmallestAsync([Column(KernelProfile.Linux61), Column(KernelProfile.Linux612)], new MatrixPairs(), Nothing), Is.EqualTo(small), "by both models");
        var known = new HashSet<string> { "6.1->new create/operation/errno ok->EINVAL" };
        Assert.That(await SmallestAsync(Unmodelled, new MatrixPairs(), known), Is.EqualTo(small), "by the store");
    }
}
