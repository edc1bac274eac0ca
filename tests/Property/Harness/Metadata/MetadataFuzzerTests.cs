using DmSim.Abi;
using DmSim.Harness.Metadata;
using DmSim.Harness.Operations;
using DmSim.Harness.PlantedBugs;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Property.Harness.Metadata;

/// <summary>Damaged metadata on the model: what holds for every kind, and pools.</summary>
[TestFixture]
public sealed class MetadataFuzzerTests
{
    private const ulong Seed = 3;

    private static ModelMachine Model() => new(KernelProfile.Linux61);

    private static DamagedKind[] Kinds => [DamagedKind.Pool, DamagedKind.Store];

    private static IEnumerable<TestCaseData> Counted() =>
        [new TestCaseData(DamagedKind.Pool, 250).SetArgDisplayNames("pools"), new TestCaseData(DamagedKind.Store, 500).SetArgDisplayNames("stores")];

    [TestCaseSource(nameof(Counted))]
    public void Damaged_metadata_make_the_model_neither_throw_nor_hang_nor_damage_more(DamagedKind kind, int count)
    {
        var summary = new MetadataFuzzer(Model, Seed, kind).Run(count, threads: 2);
        TestContext.Out.WriteLine($"{summary.Refused} of {summary.Cases} could not be opened, {summary.KernelBugs} would stop a kernel");
        Assert.That(summary.Finding?.ToString(), Is.Null);
        Assert.That(summary.Cases, Is.EqualTo(count));
        Assert.That(summary.Refused, Is.InRange(1, count / 2), "most damage must get as far as the work with it");
    }

    [Test]
    public void A_model_that_throws_is_found_with_what_was_damaged()
    {
        var summary = new MetadataFuzzer(() => new MutantMachine(Model(), new ThrowsAtMessages()), Seed, DamagedKind.Pool).Run(20, threads: 1);
        Assert.That(summary.Finding?.What, Does.StartWith("threw at message").Or.StartWith("threw at "));
        Assert.That(summary.Finding?.What, Does.Contain("planted"));
        Assert.That(summary.Finding?.Case.Damage, Is.Not.Empty);
    }

    private sealed class ThrowsAtMessages : Mutation
    {
        public override void Request(DmCommand command, Span<byte> request)
        {
            if (command == DmCommand.DM_TARGET_MSG && request.IndexOf("reserve_metadata_snap"u8) >= 0)
                throw new InvalidOperationException("planted");
        }
    }

    [TestCaseSource(nameof(Kinds))]
    public void The_same_seed_gives_the_same_damage(DamagedKind kind)
    {
        var again = kind.Cases(Model, Seed);
        var cases = kind.Cases(Model, Seed);
        for (int i = 0; i < 5; i++)
            Assert.That(again(i).Sequence, Is.EqualTo(cases(i).Sequence));
        Assert.That(kind.Cases(Model, Seed + 1)(0).Damage, Is.Not.EqualTo(cases(0).Damage));
    }

    [Test]
    public void Every_kind_of_block_is_damaged_with_its_checksum_put_right_and_without()
    {
        var pools = DamagedKind.Pool.Cases(Model, Seed);
        string[] damage = [.. Enumerable.Range(0, 400).SelectMany(i => pools(i).Damage.Split("; "))];
        foreach (string kind in (string[])["superblock", "node", "bitmap", "index"])
        {
            Assert.That(damage.Count(d => d.StartsWith(kind, StringComparison.Ordinal) && d.EndsWith("checksum left", StringComparison.Ordinal)), Is.GreaterThan(5), kind);
            Assert.That(damage.Count(d => d.StartsWith(kind, StringComparison.Ordinal) && !d.EndsWith("checksum left", StringComparison.Ordinal)), Is.GreaterThan(20), kind);
        }
    }

    [Test]
    public void A_sequence_with_contents_on_its_loop_devices_survives_as_text()
    {
        var sequence = DamagedKind.Pool.Cases(Model, Seed)(1).Sequence;
        Assert.That(OperationSequence.TryParse(sequence.ToString(), out var read, out string error), Is.True, error);
        Assert.That(read, Is.EqualTo(sequence));
        Assert.That(read!.Loops[0].Contents!.Blocks(), Is.Not.Empty);
    }

    [TestCase("setup contents H4sIAAAAAAAA")]
    [TestCase("setup loop-attach index=0 size=8s\nsetup contents none")]
    [TestCase("setup loop-attach index=0 size=8s\ncreate name=d0\nsetup contents H4sIAAAAAAAAAwMAAAAAAAAAAAA=")]
    public void Contents_that_are_none_or_out_of_place_are_refused(string text) =>
        Assert.That(OperationSequence.TryParse(text, out _, out _), Is.False);
}
