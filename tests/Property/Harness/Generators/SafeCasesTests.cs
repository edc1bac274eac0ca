using DmSim.Harness.Generators;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;
using DmSim.Model.Profiles;
using DmSim.Property.Architecture;
using NUnit.Framework;

namespace DmSim.Property.Harness.Generators;

[TestFixture]
public sealed class SafeCasesTests
{
    private static IEnumerable<string> Left(KernelProfile profile, string text)
    {
        Assert.That(OperationSequence.TryParse(text, out var sequence, out string error), Is.True, error);
        var source = SafeCases.For(profile, new FixedCases([("case", sequence!)])).Open(0);
        for (Operation? next; (next = source.Next(World.Empty)) is not null;)
            yield return next.ToString();
    }

    private const string Persistent = "load name=d0 line=\"0 8 snapshot-merge 7:0 7:1 P 8\"", Transient = "load name=d0 line=\"0 8 snapshot-merge 7:0 7:1 N 8\"";

    [Test]
    public void A_merge_over_a_transient_store_is_not_asked_of_kernels_that_it_ends()
    {
        Assert.That(Left(KernelProfile.Linux61, $"{Persistent}\n{Transient}\n"), Is.EqualTo((string[])[Persistent, Transient]));
        Assert.That(Left(KernelProfile.Linux612, $"{Persistent}\n{Transient}\n{Transient}\nls\n"), Is.EqualTo((string[])[Persistent, "ls"]));
        Assert.That(Left(KernelProfile.Linux510, $"{Transient}\n"), Is.Empty);
        Assert.That(Left(KernelProfile.Linux510, Transient.Replace("7:0 7:1", @"\\ 7:0 7:1", StringComparison.Ordinal) + "\n"), Is.Empty, "the words are those that the kernel sees");
    }

    [Test]
    public void Nor_discards_of_chunks_that_divide_by_zero()
    {
        string finding = File.ReadAllText(Path.Combine(Repository.Root, "tests/Property/Fuzzing/KernelFindings/7.3/snapshot-discards-of-small-chunks.ops"));
        Assert.That(Left(KernelProfile.Linux73, finding), Is.EqualTo((string[])["create name=d0", "resume name=d0"]));
        Assert.That(Left(KernelProfile.Linux612, finding).Count(), Is.EqualTo(3));
        string large = "load name=d0 line=\"0 128 snapshot 7:0 7:1 N 512 1 discard_zeroes_cow\"";
        Assert.That(Left(KernelProfile.Linux73, large), Is.EqualTo((string[])[large]));
    }
}
