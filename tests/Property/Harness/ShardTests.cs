using DmSim.Harness.Operations;
using DmSim.Harness.Running;
using NUnit.Framework;
using FsProperty = FsCheck.NUnit.PropertyAttribute;

namespace DmSim.Property.Harness;

[TestFixture]
public sealed class ShardTests
{
    private static FixedCases Cases(int count) =>
        new([.. Enumerable.Range(0, count).Select(i => ($"case {i}", new OperationSequence([], [])))]);

    private static IEnumerable<string> Names(ICaseSource cases) => Enumerable.Range(0, cases.Count).Select(cases.NameOf);

    [TestCase("1/1", true)]
    [TestCase("3/8", true)]
    [TestCase("8/8", true)]
    [TestCase("0/8", false)]
    [TestCase("9/8", false)]
    [TestCase("-1/8", false)]
    [TestCase("3", false)]
    [TestCase("3/8/1", false)]
    [TestCase("a/b", false)]
    [TestCase("", false)]
    public void A_shard_is_a_number_of_a_number(string text, bool good)
    {
        Assert.That(Shard.TryParse(text, out var shard), Is.EqualTo(good));
        Assert.That(shard.ToString(), Is.EqualTo(good ? text : "1/1"));
    }

    [Test]
    public void A_shard_has_every_nth_case() =>
        Assert.That(Names(new Shard(2, 3).Of(Cases(8))), Is.EqualTo((string[])["case 1", "case 4", "case 7"]));

    [FsProperty(MaxTest = 200)]
    public bool Together_the_shards_do_each_case_once(byte cases, byte more)
    {
        int count = more % 9 + 1;
        var done = Enumerable.Range(1, count).SelectMany(i => Names(new Shard(i, count).Of(Cases(cases))));
        return done.Order().SequenceEqual(Names(Cases(cases)).Order());
    }
}
