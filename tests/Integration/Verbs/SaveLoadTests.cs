using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>dmsim sh --save FILE and --load FILE: a machine that is gone and there again.</summary>
public sealed class SaveLoadTests
{
    private const string Look = "dmsetup info -c --noheadings -o name,uuid,minor,attr,events -O name; dmsetup table; dmsetup table --inactive; losetup -n -l -O NAME,OFFSET,RO; ls /dev/mapper";

    private static (int Status, string Output) Run(ScratchFolder folder, string script, params string[] options)
    {
        HostedShell.Require();
        string file = folder.Write("script.sh", $"cd {folder.Path}\nexec 2>&1\n{script.ReplaceLineEndings("\n")}");
        var (status, output, errors) = Dmsim.Run(null, ["sh", .. options, file]);
        return (status, output + errors);
    }

    [Test]
    public void A_machine_is_the_same_after_it_was_saved_and_loaded()
    {
        using var folder = new ScratchFolder();
        string saved = Path.Combine(folder.Path, "saved.json");
        var (status, before) = Run(folder, $$"""
            {
            truncate -s 4M meta; truncate -s 16M data; truncate -s 1M other
            losetup /dev/loop0 meta; losetup /dev/loop1 data; losetup -r -o 4096 /dev/loop5 other
            dmsetup create pool --table "0 32768 thin-pool 7:0 7:1 128 0"
            dmsetup message pool 0 "create_thin 0"
            dmsetup create thin -u UUID --table "0 32768 thin 254:0 0"
            dmsetup create top -j 254 -m 7 --table "0 1024 linear 254:1 8"
            dmsetup load top --table "0 2048 zero"
            dmsetup create asleep --table "0 8 zero"; dmsetup suspend asleep
            dmsetup create empty -n
            echo remembered >/dev/mapper/top
            } >/dev/null
            {{Look}}
            """, "--save", saved);
        Assert.That(status, Is.Zero, before);
        Assert.That(Run(folder, Look, "--load", saved).Output, Is.EqualTo(before));
        var (_, found) = Run(folder, "head -c 10 /dev/mapper/top; dmsetup status thin", "--load", saved);
        Assert.That(found, Is.EqualTo("remembered0 32768 thin 128 127\n"));
    }

    [Test]
    public void A_file_that_was_deleted_goes_with_the_machine()
    {
        using var folder = new ScratchFolder();
        string saved = Path.Combine(folder.Path, "saved.json");
        Run(folder, "truncate -s 1M disk; losetup /dev/loop0 disk; echo kept >/dev/loop0; rm disk", "--save", saved);
        Assert.That(Run(folder, "head -c 4 /dev/loop0", "--load", saved).Output, Is.EqualTo("kept"));
    }

    [Test]
    public void What_cannot_be_kept_is_refused_in_a_sentence()
    {
        using var folder = new ScratchFolder();
        string saved = Path.Combine(folder.Path, "saved.json");
        var (status, output) = Run(folder, """
            truncate -s 1M a b; losetup /dev/loop0 a; losetup /dev/loop1 b
            dmsetup create s --table "0 2048 snapshot 7:0 7:1 N 8"
            """, "--save", saved);
        Assert.That(status, Is.EqualTo(3));
        Assert.That(output, Does.Contain("s is a transient snapshot"));
        Assert.That(saved, Does.Not.Exist);
    }

    [TestCase("{\"format\": \"dmsim machine\", \"version\": 1", "or not a whole one")]
    [TestCase("{\"format\": \"something\"}", "is no machine that this dmsim has saved")]
    public void What_is_no_saved_machine_is_not_taken_for_one(string contents, string sentence)
    {
        using var folder = new ScratchFolder();
        var (status, output) = Run(folder, "echo never", "--load", folder.Write("bad.json", contents));
        Assert.That(status, Is.EqualTo(4));
        Assert.That(output, Does.Contain(sentence).And.Not.Contain("never"));
    }

    [Test]
    public void A_file_that_is_gone_is_named()
    {
        using var folder = new ScratchFolder();
        string saved = Path.Combine(folder.Path, "saved.json");
        Run(folder, "truncate -s 1M disk; losetup /dev/loop0 disk", "--save", saved);
        File.Delete(Path.Combine(folder.Path, "disk"));
        var (status, output) = Run(folder, "echo never", "--load", saved);
        Assert.That(status, Is.EqualTo(4));
        Assert.That(output, Does.Contain($"{folder.Path}/disk").And.Not.Contain("never"));
    }
}
