using DmSim.Model.Profiles;
using DmSim.Model.Targets;
using NUnit.Framework;

namespace DmSim.Property.Profiles;

[TestFixture]
public sealed class KernelProfileTests
{
    [TestCase("6.1.0-56-cloud-amd64", "6.1")]
    [TestCase("6.1", "6.1")]
    [TestCase("6.12.95+deb12-cloud-amd64", "6.12")]
    [TestCase("6.6.30", "6.1")]
    [TestCase("7.3-rc1", "7.3")]
    [TestCase("9.0.0", "7.3")]
    [TestCase("4.19.1", "5.10")]
    [TestCase("custom", "5.10")]
    [TestCase("", "5.10")]
    public void A_release_is_spoken_for_by_the_newest_profile_that_is_not_newer(string release, string tag) =>
        Assert.That(KernelProfile.ForRelease(release).Tag, Is.EqualTo(tag));

    [Test]
    public void Profiles_come_oldest_first_with_every_target_in_each()
    {
        Assert.That(KernelProfile.All.Select(p => p.Tag), Is.EqualTo((string[])["5.10", "6.1", "6.12", "7.3"]));
        Assert.That(KernelProfile.All.Select(p => p.DriverVersion), Is.Ordered.And.Unique);
        foreach (var profile in KernelProfile.All)
            Assert.That(profile.TargetVersions.Keys, Is.EquivalentTo(TargetRegistry.All.Select(type => type.Name)));
    }

    /// <summary>A rule that every profile has, or none, tells no kernel from another.</summary>
    [TestCaseSource(nameof(Rules))]
    public void A_rule_is_kept_by_some_and_not_by_all(KernelRule rule) =>
        Assert.That(KernelProfile.All.Count(p => p.Has(rule)), Is.InRange(1, KernelProfile.All.Count - 1));

    private static KernelRule[] Rules() => Enum.GetValues<KernelRule>();
}
