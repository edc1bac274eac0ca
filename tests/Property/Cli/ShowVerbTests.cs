using System.Xml.Linq;
using DmSim.Cli;
using DmSim.Cli.Verbs;
using NUnit.Framework;

namespace DmSim.Property.Cli;

[NonParallelizable]
internal sealed class ShowVerbTests
{
    private const string SnapshotSession = """
        setup loop-attach index=0 size=256s
        setup loop-attach index=1 size=256s
        create name=origin
        load name=origin line="0 256 snapshot-origin 7:0"
        resume name=origin
        create name=snap
        load name=snap line="0 256 snapshot 7:0 7:1 P 16"
        resume name=snap
        write name=origin off=16s len=16s seed=1
        write name=snap off=64s len=32s seed=2
        """;

    private const string Session = """
        setup loop-attach index=0 size=512s
        setup loop-attach index=1 size=2048s
        create name=pool
        load name=pool line="0 2048 thin-pool 7:0 7:1 128 4"
        resume name=pool
        message name=pool sector=0 text="create_thin 0"
        create name=home
        load name=home line="0 2048 thin {pool} 0"
        resume name=home
        write name=home off=0s len=384s seed=1
        suspend name=home
        message name=pool sector=0 text="create_snap 1 0"
        resume name=home
        write name=home off=0s len=128s seed=2
        create name=huge
        load name=huge line="0 4096 linear 7:1 0"
        """;

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("dmsim-show-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void The_terminal_shows_the_stack_and_who_owns_which_block()
    {
        var (code, text) = Show("--step", "12", "--width", "80");
        Assert.That(code, Is.EqualTo(ExitCode.Agree), text);
        // Blocks 0 to 2 were written, then shared; the write after the snapshot took block 3 for home and left block 0 to the snapshot.
        Assert.That(text, Does.Contain("    b##a............\n"));
        Assert.That(text, Does.Contain("volume 0 home: 3 blocks, 2 shared\n").And.Contain("volume 1 not active: 3 blocks, 2 shared\n"));
        Assert.That(text, Does.Contain("4 of 16 blocks of 64 KiB used, 12 free").And.Contain("low water mark at 4 free\n"));
        Assert.That(text, Does.Contain("loop0 7:0 256 KiB from 0").And.Not.Contain("\x1b"), "the metadata's device belongs to the pool; no colour in a pipe");
    }

    [Test]
    public void A_snapshot_shows_the_chunks_that_are_kept()
    {
        var (code, text) = ShowSession(SnapshotSession, "--width", "100");
        Assert.That(code, Is.EqualTo(ExitCode.Agree), text);
        Assert.That(text, Does.Contain("snap  snapshot of loop0, kept on loop1: 3 of 16 chunks of 8 KiB differ").And.Contain("    .*..**..........\n"));
    }

    [Test]
    public void A_refused_step_says_why() =>
        Assert.That(Show("--width", "200").Text, Does.Contain("loop1 has 2048 sectors, the table asks for 4096: make the table or the device fit."));

    [Test]
    public void The_svg_is_sound_and_has_a_square_for_every_block()
    {
        string file = Path.Combine(_folder, "picture.svg");
        Assert.That(Show("--step", "12", "--svg", file).Code, Is.EqualTo(ExitCode.Agree));
        var titles = XDocument.Load(file).Descendants().Where(e => e.Name.LocalName == "title").Select(e => e.Value).ToList();
        Assert.That(titles.Count(title => title == "free"), Is.EqualTo(12));
        Assert.That(titles.Count(title => title == "volume 0, 1"), Is.EqualTo(2));
        Assert.That(titles.Count(title => title is "volume 0" or "volume 1"), Is.EqualTo(2));
    }

    [Test]
    public void The_page_has_a_picture_tables_status_and_log_for_each_step_and_needs_nothing_else()
    {
        string file = Path.Combine(_folder, "page.html");
        Assert.That(Show("--html", file).Code, Is.EqualTo(ExitCode.Agree));
        string page = File.ReadAllText(file);
        int steps = Session.Split('\n').Length - 2 + 1;
        Assert.That(page.Split("<section ").Length - 1, Is.EqualTo(steps));
        Assert.That(page.Split("<svg ").Length - 1, Is.EqualTo(steps));
        Assert.That(page.Split("<h3>kernel log</h3>").Length - 1, Is.EqualTo(steps));
        Assert.That(page, Does.Contain("loop1 too small for target").And.Not.Contain(" src=").And.Not.Contain("<link"));
    }

    [TestCase("--step", "99")]
    [TestCase("--step", "-1")]
    public void A_step_that_there_is_not_is_refused(params string[] words) => Assert.That(Show(words).Code, Is.EqualTo(ExitCode.BadInput));

    private (ExitCode Code, string Text) Show(params string[] words) => ShowSession(Session, words);

    private (ExitCode Code, string Text) ShowSession(string session, params string[] words)
    {
        string file = Path.Combine(_folder, "session.ops");
        File.WriteAllText(file, session);
        var (output, errors) = (Console.Out, Console.Error);
        using var printed = new StringWriter();
        Console.SetOut(printed);
        Console.SetError(printed);
        try
        {
            return ((ExitCode)new ShowVerb().Build().Parse([file, .. words]).Invoke(), printed.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(errors);
        }
    }
}
