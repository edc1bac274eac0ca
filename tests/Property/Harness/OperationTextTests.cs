using System.Reflection;
using DmSim.Abi;
using DmSim.Harness.Operations;
using NUnit.Framework;
using FsProperty = FsCheck.NUnit.PropertyAttribute;

namespace DmSim.Property.Harness;

[TestFixture]
public sealed class OperationTextTests
{
    private static readonly Dictionary<string, string> OneOfEach = new()
    {
        ["version"] = "version",
        ["create"] = "create name=d0 uuid=U0 minor=5",
        ["load"] = "load name=d0 line=\"0 16 linear 7:0 0\" line=\"16 8 zero\" readonly",
        ["clear"] = "clear uuid=U0",
        ["suspend"] = "suspend name=d0 noflush nolockfs",
        ["resume"] = "resume dev=254:0 cookie=0xd4d0001",
        ["remove"] = "remove name=d0 deferred",
        ["remove-all"] = "remove-all deferred",
        ["rename"] = "rename name=d0 to=d1",
        ["set-uuid"] = "set-uuid name=d0 to=\"a b\"",
        ["message"] = "message name=d0 sector=0 text=\"@stats_list\"",
        ["wait"] = "wait name=d0 event=3",
        ["set-geometry"] = "set-geometry name=d0 geometry=\"1 2 3 0\"",
        ["arm-poll"] = "arm-poll",
        ["info"] = "info name=d0 inactive",
        ["status"] = "status name=d0 noflush flags=0x2000",
        ["table"] = "table name=d0 inactive noflush",
        ["deps"] = "deps name=d0 inactive",
        ["ls"] = "ls",
        ["targets"] = "targets",
        ["target-version"] = "target-version type=linear",
        ["ioctl"] = "ioctl request=0xc138fd00 bytes=0400*311,ff",
        ["open"] = "open handle=1 dev=254:0 mode=rw,excl",
        ["close"] = "close handle=1",
        ["read"] = "read handle=1 off=0s len=8s",
        ["write"] = "write name=d0 off=100 len=512s seed=7",
        ["discard"] = "discard dev=7:0 off=8s len=8s",
        ["secure-erase"] = "secure-erase name=d0 off=8s len=8s",
        ["zero-out"] = "zero-out name=d0 off=8s len=8s",
        ["flush"] = "flush handle=2",
        ["loop-attach"] = "loop-attach index=3 size=512s readonly",
        ["loop-detach"] = "loop-detach index=3",
        ["loop-resize"] = "loop-resize index=3 size=1000",
        ["attribute"] = "attribute name=d0 path=queue/max_sectors_kb text=64",
        ["advance"] = "advance ms=60000",
    };

    [Test]
    public void Every_verb_has_an_example_and_every_example_a_verb() =>
        Assert.That(OneOfEach.Keys, Is.EqualTo(OperationText.Verbs));

    [Test]
    public void Every_kind_of_operation_has_a_row()
    {
        var kinds = typeof(Operation).GetNestedTypes(BindingFlags.Public).Where(type => !type.IsAbstract);
        var withRow = OneOfEach.Values.Select(line => Parse(line).GetType());
        Assert.That(withRow, Is.EquivalentTo(kinds));
    }

    [TestCaseSource(nameof(Verbs))]
    public void An_example_parses_and_prints_back(string verb)
    {
        string line = OneOfEach[verb];
        string printed = Parse(line).ToString();
        Assert.That(printed, Is.EqualTo(line.Replace("\"@stats_list\"", "@stats_list", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Verbs => OneOfEach.Keys;

    [FsProperty(MaxTest = 300)]
    public bool Any_operation_survives_its_text_form(int seed)
    {
        var random = new Random(seed);
        foreach (string line in OneOfEach.Values)
        {
            var drawn = RandomWalk.Draw(random, Parse(line));
            string text = drawn.ToString();
            Assert.That(text, Does.Not.Contain("\n"));
            Assert.That(OperationText.TryParse(text, out var back, out string error), Is.True, $"{text}\n{error}");
            Assert.That(back, Is.EqualTo(drawn), text);
        }
        return true;
    }

    [FsProperty(MaxTest = 3000)]
    public bool Any_text_is_an_operation_or_a_reason(int seed)
    {
        var random = new Random(seed);
        string line = OneOfEach.Values.ElementAt(random.Next(OneOfEach.Count));
        char[] broken = line.ToCharArray();
        for (int i = random.Next(4); i >= 0; i--)
            broken[random.Next(broken.Length)] = "\"\\= x9,*:s\0"[random.Next(11)];
        string text = new(broken, 0, random.Next(broken.Length + 1));
        bool parsed = OperationText.TryParse(text, out var operation, out string error);
        return parsed ? operation is not null : error.Length > 0;
    }

    [TestCase("creat name=d0", "unknown operation \"creat\"")]
    [TestCase("create", "create: name=… is missing")]
    [TestCase("create name=d0 name=d1", "create: unknown or repeated field \"name\"")]
    [TestCase("create name=\"d0", "a quote is not closed")]
    [TestCase("create name=\"\\q\"", "unknown escape at column 15")]
    [TestCase("load name=d0 line=\"0 x linear\"", "load: line=x: not a number from 0 to 18446744073709551615")]
    [TestCase("read name=d0 off=1z len=1s", "read: off=1z: not a number from 0 to 18446744073709551615")]
    [TestCase("open handle=1 name=d0 mode=x", "open: mode=x: not one of r w rw r,excl w,excl rw,excl")]
    [TestCase("", "no operation on the line")]
    public void A_line_that_is_none_says_why(string line, string reason)
    {
        bool parsed = OperationText.TryParse(line, out _, out string error);
        Assert.Multiple(() =>
        {
            Assert.That(parsed, Is.False);
            Assert.That(error, Is.EqualTo(reason));
        });
    }

    [Test]
    public void A_sequence_survives_its_text_form_and_may_hold_comments()
    {
        var sequence = new OperationSequence(OperationSequence.UsualLoops, [new Operation.Create("d0"), new Operation.Resume("d0")]);
        bool parsed = OperationSequence.TryParse("# a comment\n\n" + sequence, out var back, out string error);
        Assert.Multiple(() =>
        {
            Assert.That(parsed, Is.True, error);
            Assert.That(back, Is.EqualTo(sequence));
        });
    }

    [Test]
    public void A_broken_sequence_names_its_line()
    {
        bool parsed = OperationSequence.TryParse("create name=d0\nsetup loop-attach index=0 size=1s\n", out _, out string error);
        Assert.Multiple(() =>
        {
            Assert.That(parsed, Is.False);
            Assert.That(error, Is.EqualTo("line 2: only loop-attach lines before the first operation can be set-up"));
        });
    }

    private static Operation Parse(string line)
    {
        Assert.That(OperationText.TryParse(line, out var operation, out string error), Is.True, $"{line}\n{error}");
        return operation!;
    }
}
