using DmSim.Abi;
using DmSim.Harness.Metadata;
using DmSim.Harness.PlantedBugs;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Property.Harness.Metadata;

/// <summary>Snapshots with damaged stores on the model. What holds for pools as well is in <see cref="MetadataFuzzerTests"/>.</summary>
[TestFixture]
public sealed class DamagedStoreTests
{
    private const ulong Seed = 3;

    private static ModelMachine Model() => new(KernelProfile.Linux61);

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
    public void Every_part_of_a_store_is_damaged()
    {
        var stores = DamagedKind.Store.Cases(Model, Seed);
        string[] damage = [.. Enumerable.Range(0, 400).SelectMany(i => stores(i).Damage[("loop 1: ".Length)..].Split("; "))];
        foreach (string part in (string[])["magic", "valid", "version", "chunk size", "exception", "chunk 0", "chunk 1"])
            Assert.That(damage.Count(d => d.StartsWith(part, StringComparison.Ordinal)), Is.GreaterThan(5), part);
    }
}
