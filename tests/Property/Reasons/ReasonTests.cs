using DmSim.Abi;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Generators;
using DmSim.Harness.Lowering;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using DmSim.Model.Reasons;
using DmSim.Model.Targets;
using DmSim.Property.Targets;
using NUnit.Framework;

namespace DmSim.Property.Reasons;

/// <summary>Whatever the kernel refuses, there is a plain sentence with cause and remedy.</summary>
internal sealed class ReasonTests
{
    private static readonly string[] Modules =
        ["ioctl", "core", "table", "stats", "thin", "snapshots", "snapshot exception stores", "persistent snapshot"];

    private static readonly string[] MetadataModules =
    [
        "thin", "thin metadata", "persistent data", "block manager", "btree", "btree spine", "bufio", "space map common", "space map metadata",
        "transaction manager",
    ];

    [Test]
    public void Every_text_that_the_model_prints_has_its_sentence()
    {
        var texts = KernelTexts.All().Where(text => text.Text.Any(char.IsAsciiLetter)).ToList();
        Assert.That(texts, Has.Count.GreaterThan(150), "the search finds the texts");
        Assert.That(texts.Where(text => !Forms(text).Any(form => ReasonTable.Find(form) is not null)), Is.Empty);
    }

    /// <summary>The lines that a text may be part of.</summary>
    private static IEnumerable<string> Forms(KernelText text)
    {
        if (text.Type is { } type)
            return Modules.Select(module => $"{module}: {text.Text}").Append($"table: 254:0: {type}: {text.Text} (-EINVAL)");
        bool isMetadata = text.Place.StartsWith("src/Model/PersistentData/", StringComparison.Ordinal)
            || text.Place.StartsWith("src/Model/Thin/", StringComparison.Ordinal);
        return (isMetadata ? MetadataModules : Modules).Select(module => $"{module}: {text.Text}")
            .Concat(TargetRegistry.All.Select(t => $"table: 254:0: {t.Name}: {text.Text} (-EINVAL)"))
            .Append($"table: 254:0: {text.Text}").Append(text.Text);
    }

    [Test]
    public void A_text_without_a_sentence_is_found_out()
    {
        var text = new KernelText("here", "A reason that nobody has thought of", "linear");
        Assert.That(Forms(text).Any(form => ReasonTable.Find(form) is not null), Is.False);
    }

    [Test]
    public void Sentences_say_what_is_wrong_and_what_helps()
    {
        var sentences = ReasonTable.All.Select(reason => reason.Sentence).ToList();
        Assert.That(sentences.Where(sentence => sentence.EndsWith('.') || sentence.Length is < 15 or > 260 || sentence.Contains("  ", StringComparison.Ordinal)), Is.Empty);
        Assert.That(ReasonTable.All.Select(reason => reason.Text), Is.Unique);
    }

    [Test]
    public async Task Every_refusal_of_generated_cases_has_its_sentence([Values("control", "tables", "thin", "stats", "raw")] string area)
    {
        var cases = new GeneratedCases(AreaRegistry.Find(area)!, seed: 3, count: 40, 40);
        int refused = 0;
        for (int i = 0; i < cases.Count; i++)
        {
            var machine = new ModelMachine(KernelProfile.Linux61);
            var refusals = new List<Refusal>();
            machine.WatchRefusals().Refused += refusals.Add;
            var stepper = new CaseStepper(machine, LookPolicy.WhenTouched);
            var source = cases.Open(i);
            await stepper.SetUpAsync(source.Loops);
            while (source.Next(stepper.World) is { } operation)
            {
                await stepper.StepAsync(operation);
                foreach (var refusal in refusals)
                {
                    Assert.That(refusal.Sentence, Does.Not.Contain("logged nothing"),
                        $"{cases.NameOf(i)}: {operation}: {refusal.Errno}\n{string.Join('\n', refusal.Lines)}");
                }
                refused += refusals.Count;
                refusals.Clear();
            }
        }
        TestContext.Out.WriteLine($"{refused} refusals");
        Assert.That(refused, Is.Positive);
    }

    [TestCase("0 1000000 linear /dev/loop1 0", "loop1 has 100000 sectors, the table asks for 1000000: make the table or the device fit")]
    [TestCase("0 8 linear /dev/loop9 0", "no device answers to the name or number in \"/dev/loop9 0\": attach or create it first (losetup, dmsetup create)")]
    [TestCase("0 8 linear 7:0", "linear takes two words, a device and the sector to begin at, and got \"7:0\": give DEVICE START")]
    [TestCase("0 8 nothing", "no target type is called nothing: \"dmsetup targets\" lists those this kernel has; others need a module")]
    [TestCase("0 8 zero\n16 8 zero", "the line \"16 8 zero\" does not begin where the one before ends: lines must follow each other without a gap, from sector 0")]
    [TestCase("0 1024 thin-pool 7:0 7:1 100 0",
        "the block size in \"7:0 7:1 100 0\" must be a multiple of 128 sectors (64 KiB) up to 2097152 (1 GiB): choose such a one")]
    public void A_table_is_refused_for_a_reason(string table, string sentence)
    {
        var machine = new TestMachine(2048, 100000);
        var watch = machine.Machine.WatchRefusals();
        Assert.That(TestMachine.Now(new DmControl(machine.Machine).CreateAsync("d")).Errno, Is.EqualTo(Errno.None));
        Assert.That(machine.Load("d", table), Is.Not.EqualTo(Errno.None));
        Assert.That(watch.Last!.Sentence, Is.EqualTo(sentence));
    }

    [Test]
    public void What_uses_a_device_is_named()
    {
        var machine = new TestMachine(2048);
        var watch = machine.Machine.WatchRefusals();
        var below = machine.Create("below", "0 64 linear 7:0 0");
        machine.Create("above", "0 64 linear 254:0 0");
        using var file = machine.Open(below);
        Assert.That(machine.Remove("below"), Is.EqualTo(Errno.EBUSY));
        Assert.That(watch.Last!.Sentence, Is.EqualTo(
            "below is in use (above lies on it, it is open once): close or remove what uses it first, or have it removed when it is closed (--deferred)"));
        Assert.That(machine.Remove("nobody"), Is.EqualTo(Errno.ENXIO));
        Assert.That(watch.Last!.Sentence, Is.EqualTo("there is no device nobody: \"dmsetup ls\" lists those there are"));
    }

    [Test]
    public void A_request_that_is_granted_leaves_no_reason()
    {
        var machine = new TestMachine(2048);
        var watch = machine.Machine.WatchRefusals();
        machine.Remove("nobody");
        machine.Create("d", "0 64 linear 7:0 0");
        Assert.That(watch.Last, Is.Null);
    }

    [Test]
    public void Statistics_and_messages_have_theirs()
    {
        var machine = new TestMachine(2048);
        var watch = machine.Machine.WatchRefusals();
        machine.Create("d", "0 64 linear 7:0 0");
        machine.Message("d", "@stats_print 4");
        Assert.That(watch.Last!.Sentence, Is.EqualTo("d has no region of that number: \"dmsetup message d 0 @stats_list\" shows those it has"));
        machine.Message("d", "hello");
        Assert.That(watch.Last!.Sentence, Does.StartWith("the target at that sector takes no messages"));
    }
}
