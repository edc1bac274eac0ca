using DmSim.Harness.Matrix;
using DmSim.Model.Profiles;
using NUnit.Framework;
using static DmSim.Property.Harness.Matrix.MatrixScene;

namespace DmSim.Property.Harness.Matrix;

[TestFixture]
public sealed class FindingStoreTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("dmsim-store-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    private static async Task<FindingGroup> GroupAsync(string sequence) =>
        (await RunAsync([Column(KernelProfile.Linux61), Column(KernelProfile.Linux612)], sequence)).Findings.Single(g => g.Signature.Contains("errno"));

    [Test]
    public async Task What_is_kept_is_read_again()
    {
        var group = await GroupAsync("create name=control\n");
        string folder = new FindingStore(_folder).Keep(group);
        var stored = new FindingStore(_folder).All().Single();
        Assert.That((stored.Signature, stored.Folder, stored.Sequence), Is.EqualTo((group.Signature, folder, group.Smallest.Sequence)));
        Assert.That(File.ReadAllText(Path.Combine(folder, "smallest.sh")), Does.StartWith("#!/bin/bash\n# " + group.Signature).And.Contains("dmsetup create control"));
    }

    [Test]
    public async Task A_longer_sequence_does_not_take_the_place_of_a_shorter_one_and_a_shorter_does()
    {
        var store = new FindingStore(_folder);
        store.Keep(await GroupAsync("ls\ncreate name=control\n"));
        store.Keep(await GroupAsync("ls\nls\ncreate name=control\n"));
        Assert.That(store.All().Single().Sequence.Operations, Has.Count.EqualTo(2));
        store.Keep(await GroupAsync("create name=control\n"));
        Assert.That(store.All().Single().Sequence.Operations, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task The_fastest_is_kept_beside_it()
    {
        var group = await GroupAsync("create name=control\n");
        var store = new FindingStore(_folder);
        store.Keep(group with { FastestTime = TimeSpan.FromMilliseconds(20) });
        store.Keep(group with { FastestTime = TimeSpan.FromMilliseconds(30) });
        Assert.That(store.All().Single().FastestTime, Is.EqualTo(TimeSpan.FromMilliseconds(20)));
        store.Keep(group with { FastestTime = TimeSpan.FromMilliseconds(10) });
        Assert.That(store.All().Single().FastestTime, Is.EqualTo(TimeSpan.FromMilliseconds(10)));
    }

    [Test]
    public async Task What_cannot_be_read_is_named_and_passed_over()
    {
        var store = new FindingStore(_folder);
        string folder = store.Keep(await GroupAsync("create name=control\n"));
        File.WriteAllText(Path.Combine(folder, "smallest.ops"), "no such operation\n");
        var refused = new List<string>();
        Assert.That(store.All(refused.Add), Is.Empty);
        Assert.That(refused.Single(), Does.StartWith(folder + ": line 1"));
    }

    [Test]
    public async Task A_baseline_takes_what_is_accepted_and_only_the_rest_is_new()
    {
        string baseline = Path.Combine(_folder, "of", "6.1.txt");
        var summary = await RunAsync([Column(KernelProfile.Linux61), Column(KernelProfile.Linux612)], "create name=control\n");
        Assert.That(Baseline.Read(baseline), Is.Null);
        Assert.That(new MatrixVerdict(summary, []).IsGood, Is.False);
        Baseline.Accept(baseline, summary);
        Assert.That(new MatrixVerdict(summary, Baseline.Read(baseline)).IsGood, Is.True);
        var more = await RunAsync([Column(KernelProfile.Linux61), Column(KernelProfile.Linux612)], "version\ncreate name=control\n");
        Assert.That(new MatrixVerdict(more, Baseline.Read(baseline)).New.Select(g => g.Signature), Is.EqualTo((string[])["6.1->6.12 version/operation/version"]));
    }
}
