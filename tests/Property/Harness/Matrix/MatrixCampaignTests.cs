using DmSim.Harness.Matrix;
using DmSim.Model.Profiles;
using NUnit.Framework;
using static DmSim.Property.Harness.Matrix.MatrixScene;

namespace DmSim.Property.Harness.Matrix;

[TestFixture]
public sealed class MatrixCampaignTests
{
    private static readonly MatrixColumn[] TwoKernels = [Column(KernelProfile.Linux61), Column(KernelProfile.Linux612)];

    private static readonly string[] Quiet = ["create name=d0\ninfo name=d0\nremove name=d0\n"];

    [Test]
    public async Task Kernels_that_show_the_same_have_no_finding()
    {
        var summary = await RunAsync(TwoKernels, Quiet);
        Assert.That(summary.Findings, Is.Empty);
        Assert.That((summary.Cases, summary.Steps, summary.Verbs["info"]), Is.EqualTo((1, 5L, 1L)));
    }

    [Test]
    public async Task A_change_that_both_models_know_is_named_and_modelled()
    {
        var summary = await RunAsync(TwoKernels, "create name=control\n");
        var finding = summary.Findings.Single(g => g.Signature == "6.1->6.12 create/operation/errno ok->EINVAL").Smallest;
        Assert.That((finding.Kind, finding.Modelled, finding.Verdict, finding.Step), Is.EqualTo((FindingKind.KernelChange, true, "new since 6.12", 1)));
        Assert.That(finding.Values.Select(v => (v.Machine, v.Value)), Is.EqualTo((ValueTuple<string, string?>[])
            [("6.1", null), ("6.12", "EINVAL"), ("model 6.1", null), ("model 6.12", "EINVAL")]));
    }

    [Test]
    public async Task What_a_newer_kernel_shows_no_more_is_gone()
    {
        var summary = await RunAsync([Column(KernelProfile.Linux612), Column("later", Column(KernelProfile.Linux61).Kernel, null)], "create name=control\n");
        Assert.That(summary.Findings.Select(g => (g.Smallest.Verdict, g.Smallest.Modelled)), Does.Contain(("gone in later", false)));
    }

    [Test]
    public async Task A_kernel_that_is_not_as_its_model_says_is_told_as_the_models_error()
    {
        var summary = await RunAsync([Column(KernelProfile.Linux612, shows: KernelProfile.Linux61)], "create name=control\n", Quiet[0]);
        var finding = summary.Findings.Single();
        Assert.That((finding.Smallest.Verdict, finding.Signature, finding.Cases),
            Is.EqualTo(("model wrong under 6.12", "model 6.12 create/operation/errno EINVAL->ok", 1)));
        Assert.That(new MatrixVerdict(summary, null).IsGood, Is.False);
    }

    [Test]
    public async Task A_column_without_a_profile_is_compared_with_kernels_only()
    {
        var summary = await RunAsync([Column(KernelProfile.Linux61), Column("custom", Column(KernelProfile.Linux612).Kernel, null)], "create name=control\n");
        Assert.That(summary.Findings.Select(g => g.Smallest.Kind), Is.All.EqualTo(FindingKind.KernelChange));
        Assert.That(summary.Findings.Select(g => g.Smallest.Modelled), Is.All.False);
        Assert.That(summary.Machines.Select(m => m.HasModel), Is.EqualTo((bool[])[true, false]));
    }

    [Test]
    public async Task A_crash_is_a_finding_and_the_campaign_goes_on()
    {
        var summary = await RunAsync([Column(KernelProfile.Linux61), Column("6.12", new CrashingKernel(), null)], Quiet[0], Quiet[0]);
        var finding = summary.Findings.Single();
        Assert.That((finding.Smallest.Verdict, finding.Cases), Is.EqualTo(("crash: new since 6.12", 2)));
        Assert.That(finding.Signature, Does.EndWith("BUG: kernel NULL pointer dereference, address: N"));
        Assert.That(finding.Smallest.Sequence.Operations, Is.Not.Empty);
    }

    [Test]
    public async Task Against_one_kernel_every_other_is_held_to_it()
    {
        var third = Column("third", Column(KernelProfile.Linux61).Kernel, null);
        var summary = await RunAsync([.. TwoKernels, third], new MatrixPairs("6.1"), "create name=control\n");
        Assert.That(summary.Findings.Select(g => (g.Smallest.Older, g.Smallest.Newer)).Distinct(), Is.EqualTo((ValueTuple<string, string>[])[("6.1", "6.12")]));
    }

    /// <summary>The version stands in every reply: told once is enough.</summary>
    [Test]
    public async Task The_drivers_version_is_told_where_it_is_asked_for()
    {
        var summary = await RunAsync(TwoKernels, "version\ncreate name=d0\n");
        Assert.That(summary.Findings.Select(g => g.Signature), Is.EqualTo((string[])["6.1->6.12 version/operation/version"]));
    }

    [Test]
    public async Task The_smallest_and_the_fastest_of_a_signature_are_kept()
    {
        var summary = await RunAsync(TwoKernels, "create name=d0\nremove name=d0\ncreate name=control\n", "create name=control\n");
        var group = summary.Findings.Single(g => g.Signature == "6.1->6.12 create/operation/errno ok->EINVAL");
        Assert.That((group.Cases, group.Smallest.Case, group.Smallest.Sequence.Operations.Count), Is.EqualTo((2, "case 1", 1)));
        Assert.That(group.FastestTime, Is.GreaterThan(TimeSpan.Zero).And.LessThanOrEqualTo(summary.Elapsed));
    }
}
