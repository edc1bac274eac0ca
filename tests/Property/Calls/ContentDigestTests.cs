using System.Runtime.InteropServices;
using DmSim.Abi;
using DmSim.Property.Harness;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace DmSim.Property.Calls;

/// <summary>The digest that both machines take of contents: recorded traces hold its values, so that it may become faster but never different.</summary>
public sealed class ContentDigestTests
{
    /// <summary>What the digest is, word by word.</summary>
    private static ulong ByDefinition(byte[] data, ulong seed)
    {
        const ulong Prime1 = 0x9E3779B185EBCA87, Prime2 = 0xC2B2AE3D27D4EB4F;
        unchecked
        {
            ulong[] lanes = [seed + Prime1, seed ^ Prime2, seed - Prime1, seed + Prime2];
            var words = MemoryMarshal.Cast<byte, ulong>(data);
            for (int i = 0; i < words.Length; i++)
                lanes[i % 4] = (ulong.RotateLeft(lanes[i % 4], 29) ^ words[i]) * Prime1;
            ulong h = (ulong)data.Length;
            foreach (ulong lane in lanes)
            {
                h = (h ^ lane) * Prime2;
                h ^= h >> 31;
            }
            return h;
        }
    }

    /// <summary>Runs of 32-byte units, each all zeros or all of one other byte.</summary>
    private static readonly Gen<(int Units, byte Value)[]> Runs =
        Gen.ArrayOf(Gen.Zip(Gen.OneOf(Gen.Choose(0, 5), Gen.Choose(100, 400)), Gen.Elements<byte>(0, 0, 7)));

    private static byte[] Contents((int Units, byte Value)[] runs) =>
        [.. runs.SelectMany(run => Enumerable.Repeat(run.Value, run.Units * 32))];

    [Test]
    public void The_digest_is_what_it_was_when_traces_were_recorded()
    {
        byte[] data = new byte[8192];
        Assert.That(ContentDigest.Compute(data), Is.EqualTo(ByDefinition(data, 0)));
        Pattern.Fill(data, 1);
        Assert.That(ContentDigest.Compute(data, 5), Is.EqualTo(ByDefinition(data, 5)));
        Assert.That(ContentDigest.Compute([]), Is.EqualTo(ByDefinition([], 0)));
    }

    [Test]
    public void Zeros_and_data_in_any_order_give_the_digest_of_the_whole() => Prop.ForAll(
        Gen.Zip(Runs, Gen.Choose(0, 3)).ToArbitrary(), drawn =>
        {
            byte[] data = Contents(drawn.Item1);
            ulong seed = (ulong)drawn.Item2;
            Assert.That(ContentDigest.Compute(data, seed), Is.EqualTo(ByDefinition(data, seed)));
        }).QuickCheckThrowOnFailure();

    [Test]
    public void Holes_that_are_not_read_count_as_the_zeros_that_they_are() => Prop.ForAll(
        Runs.ToArbitrary(), runs =>
        {
            byte[] data = Contents(runs);
            var digest = new ContentDigest.Running(3);
            foreach (var (units, value) in runs)
            {
                if (value == 0)
                    digest.AddZeros((ulong)units * 32);
                else
                    digest.Add(Contents([(units, value)]));
            }
            Assert.That(digest.Finish(), Is.EqualTo(ByDefinition(data, 3)));
        }).QuickCheckThrowOnFailure();

    [TestCase(4096, 16384u)]
    [TestCase(8192, 12288u)]
    public async Task A_device_that_knows_its_holes_has_the_digest_of_one_that_does_not(int pieceBytes, uint maxBytes)
    {
        var answers = new List<MachineReply>();
        foreach (bool knows in (bool[])[true, false])
        {
            var machine = new FakeMachine { KnowsHoles = knows };
            await machine.Loops.AttachAsync(0, 15 * 1024, false);
            Assert.That(machine.Open(DeviceNumber.Loop(0), OpenMode.ReadWrite, out var handle), Is.EqualTo(Errno.None));
            byte[] data = new byte[1024];
            Pattern.Fill(data, 1);
            await handle!.WriteAsync(2048, data);
            await handle.WriteAsync(7680, data);
            answers.Add(await new BatchRunner(machine).RunAsync(new ScheduledCall(TimeSpan.Zero, TimeSpan.FromSeconds(1),
                new MachineCall.Digest(DeviceNumber.Loop(0), pieceBytes, maxBytes))));
        }
        Assert.That(((MachineReply.Digest)answers[0]).Hash, Is.EqualTo(((MachineReply.Digest)answers[1]).Hash));
    }
}
