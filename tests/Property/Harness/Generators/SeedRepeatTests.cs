using DmSim.Harness.Generators;
using DmSim.Harness.Lowering;
using DmSim.Harness.Running;
using DmSim.Harness.Traces;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Property.Harness.Generators;

/// <summary>A case is named by its seed and number alone: whoever runs it again gets the same operations and the same answers.</summary>
[TestFixture]
internal sealed class SeedRepeatTests
{
    private const int Cases = 12, Operations = 40;

    [Test]
    public async Task The_same_seed_gives_the_same_bytes([Values("all", "thin", "snapshot")] string area)
    {
        string first = await RunAsync(area, seed: 5);
        Assert.That(await RunAsync(area, seed: 5), Is.EqualTo(first));
    }

    [Test]
    public async Task Another_seed_gives_others() =>
        Assert.That(await RunAsync("all", seed: 5), Is.Not.EqualTo(await RunAsync("all", seed: 6)));

    /// <summary>The cases as a trace: their operations, and all that each step showed.</summary>
    private static async Task<string> RunAsync(string area, ulong seed)
    {
        var source = new GeneratedCases(AreaRegistry.Find(area)!, seed, Cases, Operations);
        var cases = new List<RecordedCase>();
        for (int i = 0; i < Cases; i++)
        {
            await using var model = new ModelMachine(KernelProfile.Linux61);
            var run = await ReferenceRun.RunAsync(model, source.Open(i), LookPolicy.Always);
            Assert.That(run.Failure, Is.Null);
            cases.Add(new RecordedCase(source.NameOf(i), run.Sequence, [.. run.Steps.Select(step => step.Outcome)]));
        }
        return TraceText.Print(new Trace("the model", "6.1", LookPolicy.Always, cases));
    }
}
