using System.Xml.Linq;
using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>dmsim show of the machine around it.</summary>
internal sealed class ShowInsideTests
{
    private const string Pool = """
        truncate -s 1M meta; truncate -s 1M data; truncate -s 64K other
        losetup /dev/loop0 meta; losetup /dev/loop1 data; losetup /dev/loop2 other
        dmsetup create pool --table "0 2048 thin-pool /dev/loop0 /dev/loop1 128 4"
        dmsetup message pool 0 "create_thin 0"
        dmsetup create home --table "0 2048 thin /dev/mapper/pool 0"
        dd if=/dev/zero of=/dev/mapper/home bs=64k count=3 oflag=direct status=none

        """;

    [Test]
    public void The_picture_is_that_of_the_running_machine()
    {
        var (status, output) = HostedShell.Run(Pool + "dmsim show --width 60");
        Assert.That(status, Is.Zero, output);
        Assert.That(output, Does.Contain("aaa.............\n").And.Contain("home 254:1 1 MiB active").And.Contain("loop2 7:2 64 KiB unused"));
    }

    [Test]
    public void Of_the_devices_that_are_named_what_they_lie_on_is_shown_as_well()
    {
        var (_, output) = HostedShell.Run(Pool + "dmsim show loop2; dmsim show /dev/mapper/home | grep -c -e pool -e loop1; dmsim show dm-0; dmsim show none");
        Assert.That(output, Does.StartWith("devices\n└── loop2 7:2 64 KiB unused\n"));
        Assert.That(output, Does.EndWith("dmsim: There is no device none on this machine: \"dmsetup ls\" lists those there are.\n"));
        Assert.That(output.Split("home"), Has.Length.EqualTo(2), "the pool alone has a volume of that name in its map");
    }

    [Test]
    public void The_page_steps_through_what_the_programs_did()
    {
        var (status, output) = HostedShell.Run(Pool + """
            dmsetup create bad --table "0 100000 linear /dev/loop2 0" 2>/dev/null
            dmsim show --svg p.svg --html p.html && cat p.svg && echo ---- && cat p.html
            """);
        Assert.That(status, Is.Zero, output);
        string[] files = output.Split("----\n");
        Assert.That(XDocument.Parse(files[0]).Descendants().Count(e => e.Name.LocalName == "title" && e.Value == "free"), Is.EqualTo(13));
        foreach (string step in (string[])["losetup: attach loop1 to ", "dmsetup: create pool", "dmsetup: message pool create_thin 0",
                     "dmsetup: load home  0 2048 thin /dev/mapper/pool 0", "dd: wrote 196608 bytes to home", "dmsetup: load bad"])
            Assert.That(files[1], Does.Contain(step));
        Assert.That(files[1], Does.Contain("loop2 has 128 sectors, the table asks for 100000"));
    }

    [Test]
    public void Watching_draws_again_when_something_changes()
    {
        var (_, output) = HostedShell.Run("""
            truncate -s 1M disk; losetup /dev/loop0 disk
            mkfifo out
            dmsim show --watch >out & watcher=$!
            exec 3<out
            grep -q -m1 'loop0 7:0 1 MiB unused' <&3 || echo not shown
            dmsetup create lin --table "0 1024 linear /dev/loop0 0"
            grep -q -m1 'lin 254:0' <&3 && echo seen
            kill $watcher; wait $watcher; echo $?
            """, "--wall-clock");
        Assert.That(output, Is.EqualTo("seen\n0\n"));
    }

    [Test]
    public void Outside_one_sentence_says_what_it_needs() =>
        Assert.That(Dmsim.Run(null, "show").Errors, Does.StartWith("dmsim: There is no simulated machine around this command"));
}
