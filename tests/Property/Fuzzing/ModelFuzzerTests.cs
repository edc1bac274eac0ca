using DmSim.Abi;
using DmSim.Harness.Fuzzing;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using DmSim.Model.Targets;
using NUnit.Framework;

namespace DmSim.Property.Fuzzing;

/// <summary>Random and mutated ioctl buffers; "dmsim fuzz --kind ioctl --on model --count 10000000" sends many more.</summary>
internal sealed class ModelFuzzerTests
{
    private static ModelFuzzer OnModel(ulong seed) => new(() => new ModelMachine(KernelProfile.Linux61), seed);

    /// <summary>A machine whose zero target is another one.</summary>
    private static ModelFuzzer OnModelWith(TargetType zero, TimeSpan hangLimit) =>
        new(() => new ModelMachine(KernelProfile.Linux61, [.. TargetRegistry.All.Where(type => type.Name != "zero"), zero]), 1) { HangLimit = hangLimit };

    [TestCase(11UL, 2_000_000)]
    [TestCase(12UL, 500_000)]
    public void No_buffer_makes_the_model_throw_or_hang(ulong seed, int count)
    {
        var summary = OnModel(seed).Run(count, threads: 2);
        Assert.That(summary.Finding, Is.Null, () => $"{summary.Finding!.What}\n{Convert.ToHexStringLower(summary.Finding.Buffer.Bytes)}");
        Assert.That(summary.Buffers, Is.EqualTo(count));
        Assert.That(summary.Succeeded, Is.GreaterThan(count / 10), "the fuzzer does not get past the first checks");
    }

    [Test]
    public void The_same_seed_gives_the_same_answers_on_any_number_of_threads()
    {
        var one = OnModel(5).Run(50_000, threads: 1);
        var three = OnModel(5).Run(50_000, threads: 3);
        Assert.That((three.Digest, three.Succeeded), Is.EqualTo((one.Digest, one.Succeeded)));
        Assert.That(OnModel(6).Run(50_000, threads: 1).Digest, Is.Not.EqualTo(one.Digest));
    }

    [Test]
    public void A_machine_that_throws_is_found_with_the_buffer_that_did_it()
    {
        var finding = OnModelWith(new BadType(() => throw new InvalidOperationException("planted")), TimeSpan.FromMinutes(1)).Run(100_000, threads: 1).Finding;
        Assert.That(finding, Is.Not.Null);
        Assert.That(finding!.What, Does.Contain("planted"));
        Assert.That(finding.Buffer.Bytes.AsSpan().IndexOf("zero"u8), Is.Positive);
    }

    [Test]
    public void A_machine_that_hangs_is_found()
    {
        using var forever = new ManualResetEventSlim();
        var finding = OnModelWith(new BadType(forever.Wait), TimeSpan.FromMilliseconds(500)).Run(100_000, threads: 1).Finding;
        forever.Set();
        Assert.That(finding?.What, Does.StartWith("no answer for"));
    }

    private sealed class BadType(Action construct) : TargetType
    {
        public override string Name => "zero";

        public override Errno Construct(TargetArguments arguments, out Target? target)
        {
            target = null;
            construct();
            return Errno.EINVAL;
        }
    }
}
