using DmSim.Abi;
using DmSim.Harness.Metadata;
using DmSim.Harness.Operations;
using DmSim.Harness.PlantedBugs;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Property.Harness.Metadata;

/// <summary>Snapshots with damaged stores on the model.</summary>
[TestFixture]
public sealed class DamagedStoreTests
{
    private const ulong Seed = 3;

    private static ModelMachine Model() => new(KernelProfile.Linux61);

    [Test]
    public void Damaged_stores_make_the_model_neither_throw_nor_hang_nor_damage_more()
    {
        const int Count = 500;
        var summary = new MetadataFuzzer(Model, Seed, DamagedKind.Store).Run(Count, threads: 2);
        TestContext.Out.WriteLine($"{summary.Refused} of {summary.Cases} could not be opened, {summary.KernelBugs} would stop a kernel");
        Assert.That(summary.Finding?.ToString(), Is.Null);
        Assert.That(summary.Cases, Is.EqualTo(Count));
        Assert.That(summary.Refused, Is.InRange(1, Count / 2), "most damage must get as far as the work with it");
    }

    [Test]
    public void A_model_that_throws_is_found_with_what_was_damaged()
    {
        var summary = new MetadataFuzzer(() => new MutantMachine(Model(), new ThrowsAtMerges()), Seed, DamagedKind.Store).Run(20, threads: 1);
        Assert.That(summary.Finding?.What, Does.StartWith("threw at ").And.Contain("planted"));
        Assert.That(summary.Finding?.Case.Damage, Does.StartWith("loop "));
    }

    private sealed class ThrowsAtMerges : Mutation
    {
        public override void Request(DmCommand command, Span<byte> request)
        {
            if (command == DmCommand.DM_TABLE_LOAD && request.IndexOf("snapshot-merge"u8) >= 0)
                throw new InvalidOperationException("planted");
        }
    }

    [Test]
    public void The_same_seed_gives_the_same_damage()
    {
        var again = DamagedKind.Store.Cases(Model, Seed);
        var stores = DamagedKind.Store.Cases(Model, Seed);
        for (int i = 0; i < 5; i++)
            Assert.That(again(i).Sequence, Is.EqualTo(stores(i).Sequence));
        Assert.That(DamagedKind.Store.Cases(Model, Seed + 1)(0).Damage, Is.Not.EqualTo(stores(0).Damage));
    }

    [Test]
    public void Every_part_of_a_store_is_damaged()
    {
        var stores = DamagedKind.Store.Cases(Model, Seed);
        string[] damage = [.. Enumerable.Range(0, 400).SelectMany(i => stores(i).Damage[("loop 1: ".Length)..].Split("; "))];
        foreach (string part in (string[])["magic", "valid", "version", "chunk size", "exception", "chunk 0", "chunk 1"])
            Assert.That(damage.Count(d => d.StartsWith(part, StringComparison.Ordinal)), Is.GreaterThan(5), part);
    }
}
