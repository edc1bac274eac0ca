using DmSim.Harness.Campaigns;
using DmSim.Harness.Running;
using NUnit.Framework;

namespace DmSim.Property.Harness.Campaigns;

[TestFixture]
public sealed class ResultFileTests
{
    private static readonly Campaign Campaign = new("conform", new Dictionary<string, string> { ["seed"] = "1", ["area"] = "all" });

    private string _folder = "";

    private sealed record Body(string Text, IReadOnlyList<int> Numbers, TimeSpan Time);

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("dmsim-results-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    private string Written(Shard shard, string name = "result.json", string text = "a<b \"c\"\u0001é\n", Campaign? campaign = null)
    {
        string path = Path.Combine(_folder, name);
        ResultFile.Write(path, campaign ?? Campaign, shard, new Body(text, [1, 2, 3], TimeSpan.FromMilliseconds(1234)));
        return path;
    }

    private ResultFile Read(Shard shard, string name = "result.json", string text = "", Campaign? campaign = null) => ResultFile.Read(Written(shard, name, text, campaign));

    private static string Refusal(Action action) => Assert.Throws<BadResultException>(action)!.Message;

    [Test]
    public void What_is_written_is_read_again()
    {
        var file = ResultFile.Read(Written(new Shard(3, 8)));
        var body = file.BodyAs<Body>();
        Assert.That(file.Campaign.DifferenceFrom(Campaign), Is.Null);
        Assert.That((file.Shard, body.Text, body.Time), Is.EqualTo((new Shard(3, 8), "a<b \"c\"\u0001é\n", TimeSpan.FromMilliseconds(1234))));
        Assert.That(body.Numbers, Is.EqualTo((int[])[1, 2, 3]));
        Assert.That(Directory.GetFiles(_folder), Has.Length.EqualTo(1), "nothing unfinished stays");
    }

    [Test]
    public void A_file_cut_anywhere_is_told_in_one_sentence()
    {
        byte[] whole = File.ReadAllBytes(Written(Shard.Whole));
        string cut = Path.Combine(_folder, "cut.json");
        for (int length = 0; length < whole.Length - 2; length++)
        {
            File.WriteAllBytes(cut, whole[..length]);
            Assert.That(Refusal(() => ResultFile.Read(cut)), Is.EqualTo($"{cut} is damaged: it is cut or no JSON; copy it again, or run its shard again."));
        }
    }

    [Test]
    public void A_byte_that_changed_is_noticed()
    {
        string path = Written(Shard.Whole, text: "12345");
        File.WriteAllText(path, File.ReadAllText(path).Replace("12345", "12355", StringComparison.Ordinal));
        Assert.That(Refusal(() => ResultFile.Read(path)), Does.StartWith($"{path} is damaged: its digest is not that of its contents"));
    }

    [TestCase("{}")]
    [TestCase("[1,2]")]
    [TestCase("\"text\"")]
    public void Json_of_other_kinds_is_no_result(string text)
    {
        string path = Path.Combine(_folder, "other.json");
        File.WriteAllText(path, text);
        Assert.That(Refusal(() => ResultFile.Read(path)), Is.EqualTo($"{path} is no result of dmsim: give files that --result has written."));
    }

    [Test]
    public void A_body_of_another_kind_is_told() =>
        Assert.That(Refusal(() => ResultFile.Read(Written(Shard.Whole)).BodyAs<ConformResult>()), Does.Contain("does not hold what dmsim conform leaves"));

    [Test]
    public void Shards_are_put_in_order_and_missing_ones_named()
    {
        var set = ShardSet.Of([Read(new(4, 4), "d"), Read(new(1, 4), "a")]);
        Assert.That(set.Files.Select(f => f.Shard.Index), Is.EqualTo((int[])[1, 4]));
        Assert.That(set.DescribeMissing(), Is.EqualTo("2, 3 of 4"));
    }

    [Test]
    public void The_same_file_twice_is_one_and_another_of_the_same_shard_is_refused()
    {
        var first = Read(new(1, 2), "a", "x");
        Assert.That(ShardSet.Of([first, Read(new(1, 2), "copy", "x")]).Files, Has.Count.EqualTo(1));
        Assert.That(Refusal(() => ShardSet.Of([first, Read(new(1, 2), "b", "y")])), Does.EndWith("are both shard 1/2, and differ: keep one of them."));
    }

    [Test]
    public void Shards_of_two_campaigns_or_splits_are_refused()
    {
        var other = new Campaign("conform", new Dictionary<string, string> { ["seed"] = "2", ["area"] = "all" });
        Assert.That(Refusal(() => ShardSet.Of([Read(new(1, 2), "a"), Read(new(2, 2), "b", campaign: other)])),
            Does.EndWith("are of two campaigns: seed is 2 in one and 1 in the other."));
        Assert.That(Refusal(() => ShardSet.Of([Read(new(1, 2), "a"), Read(new(2, 3), "b")])), Does.Contain("is shard 2/3 and").And.Contains("is 1/2"));
        Assert.That(Refusal(() => ShardSet.Of([])), Does.StartWith("There is no result file"));
    }
}
