using DmSim.Abi;
using DmSim.Harness.Metadata;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.PlantedBugs;
using DmSim.Harness.Running;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Property.Harness.Metadata;

/// <summary>What pools leave on their metadata devices is read from both machines at the end of a case, and given to the tools.</summary>
internal sealed class MetadataExamTests
{
    private const string PoolOnLinear = """
        setup loop-attach index=0 size=512s
        setup loop-attach index=1 size=1024s
        create name=m
        load name=m line="0 512 linear 7:0 0"
        resume name=m
        create name=p
        load name=p line="0 1024 thin-pool {m} 7:1 128 0"
        resume name=p
        message name=p sector=0 text="create_thin 0"
        """;

    private static readonly byte[] Image = new byte[4096];
    private static readonly byte[] Other = [1, .. new byte[4095]];

    /// <summary>Says of an image what its first byte is for.</summary>
    private sealed class Tools(string? complaint = null, string[]? dumps = null) : IMetadataTools
    {
        public List<byte[]> Seen { get; } = [];

        public string? Check(byte[] image)
        {
            Seen.Add(image);
            return complaint;
        }

        public string Dump(byte[] image) => dumps?[image[0]] ?? "same";
    }

    [Test]
    public void Equal_images_that_pass_are_well() => Assert.That(
        MetadataExam.Of([new MetadataPair(0, Image, Image, false)], new Tools()), Is.EqualTo(new MetadataExam.Result(new MetadataFigures(1, 1, 1, 0), null)));

    [Test]
    public void Different_places_with_one_meaning_are_well() =>
        Assert.That(MetadataExam.Of([new MetadataPair(0, Image, Other, false)], new Tools()).Complaint, Is.Null);

    [Test]
    public void A_different_meaning_is_shown_line_by_line()
    {
        var result = MetadataExam.Of([new MetadataPair(3, Image, Other, false)], new Tools(dumps: ["a\nb", "a\nc"]));
        Assert.That(result.Complaint, Is.EqualTo("thin_dump of loop 3 differs:\n- b\n+ c"));
        Assert.That(result.Figures.SameMeaning, Is.Zero);
    }

    [Test]
    public void What_thin_check_refuses_is_bad_even_when_both_left_it() => Assert.That(
        MetadataExam.Of([new MetadataPair(0, Image, Image, false)], new Tools("bad checksum")).Complaint, Does.Contain("bad checksum"));

    [Test]
    public void What_others_wrote_to_need_not_pass() => Assert.That(
        MetadataExam.Of([new MetadataPair(0, Image, Image, true)], new Tools("bad checksum")).Complaint, Is.Null);

    [Test]
    public async Task The_metadata_is_found_through_the_devices_that_lead_to_it()
    {
        var tools = new Tools();
        var result = await CompareAsync(PoolOnLinear, tools);
        Assert.That(result, Is.InstanceOf<Agreed>());
        Assert.That(result.Figures.Metadata, Is.EqualTo(new MetadataFigures(1, 1, 1, 0)));
        Assert.That(tools.Seen.Single(), Has.Length.EqualTo(512 * 512));
        Assert.That(tools.Seen.Single().AsSpan(0, 4096).IndexOfAnyExcept((byte)0), Is.Not.Negative, "a superblock");
    }

    [TestCase("write name=m off=64s len=8s seed=1")]
    [TestCase("discard name=m off=64s len=8s")]
    public async Task Whoever_writes_there_as_well_spoils_it(string operation)
    {
        var result = await CompareAsync($"{PoolOnLinear}\n{operation}", new Tools("spoilt"));
        Assert.That(result.Figures.Metadata, Is.EqualTo(new MetadataFigures(1, 1, 0, 1)));
    }

    [Test]
    public async Task What_thin_check_refuses_ends_the_case_badly() =>
        Assert.That(await CompareAsync(PoolOnLinear, new Tools("mapping out of range")), Is.InstanceOf<BadMetadata>());

    [Test]
    public async Task A_machine_whose_metadata_differ_in_the_end_diverges()
    {
        const string Message = "message name=p sector=0 text=\"create_thin 0\"";
        var (ours, theirs) = (Model(), Model());
        var run = await ReferenceRun.RunAsync(ours, new FixedSource(Parse(PoolOnLinear)), Lowering());
        var other = await ReferenceRun.RunAsync(theirs, new FixedSource(Parse(PoolOnLinear.Replace(Message, Message.Replace('0', '1')))), Lowering());
        string? Last(ReferenceRun r) => r.Steps[^1].Outcome.Find(Subject.Loop(0), Field.Metadata);
        Assert.That(Last(run), Does.Contain("blocks"));
        Assert.That(Last(other), Is.Not.EqualTo(Last(run)));
    }

    private static DmSim.Harness.Lowering.LookPolicy Lowering() => DmSim.Harness.Lowering.LookPolicy.WhenTouched;

    private static IMachine Model() => new ModelMachine(KernelProfile.Linux61);

    private static OperationSequence Parse(string text)
    {
        Assert.That(OperationSequence.TryParse(text, out var sequence, out string error), Is.True, error);
        return sequence!;
    }

    private static async Task<CaseResult> CompareAsync(string text, IMetadataTools tools)
    {
        var contest = new Contest(Model, "model", new Comparer([])) { MetadataTools = tools };
        return await new CaseRunner(contest, new InProcessBatchMachine("model", Model)).RunAsync("case", Parse(text));
    }
}
