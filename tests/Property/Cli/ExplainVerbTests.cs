using DmSim.Cli;
using DmSim.Cli.Verbs;
using NUnit.Framework;

namespace DmSim.Property.Cli;

[NonParallelizable]
internal sealed class ExplainVerbTests
{
    [Test]
    public void A_table_that_is_taken_is_explained_word_by_word()
    {
        var (code, text) = Explain("0 2048 linear /dev/loop0 8", "--loop", "0=1M");
        Assert.That(code, Is.EqualTo(ExitCode.Diverge), "eight sectors too many");
        (code, text) = Explain("0 2040 linear /dev/loop0 8", "--loop", "0=1M");
        Assert.That(code, Is.EqualTo(ExitCode.Agree));
        Assert.That(text, Is.EqualTo("""
            0 2040 linear /dev/loop0 8
              0                 first sector of the line on the device
              2040              how many sectors (1020.0 KiB); the next line begins at 2040
              linear            target type: a run of sectors of another device, as it is
              /dev/loop0        the device below: a path, or MAJOR:MINOR
              8                 where its part begins there, in sectors

            taken: a device of 2040 sectors (1020.0 KiB). The kernel shows its table as
              0 2040 linear 7:0 8

            """));
    }

    [Test]
    public void A_refusal_is_said_in_the_kernels_words_and_in_plain_ones()
    {
        var (code, text) = Explain("0 1000000 linear /dev/loop1 0", "--loop", "1=100000s");
        Assert.That(code, Is.EqualTo(ExitCode.Diverge));
        Assert.That(text, Does.EndWith("""
            refused (load): EINVAL
              device-mapper: table: 254:0: loop1 too small for target: start=0, len=1000000, dev_size=100000
              device-mapper: core: Cannot calculate initial queue limits
              device-mapper: ioctl: unable to set up device queue for new table.

            why: loop1 has 100000 sectors, the table asks for 1000000: make the table or the device fit.

            """));
    }

    [Test]
    public void A_table_may_stand_on_others()
    {
        string[] pool = ["--loop", "0=4M", "--device", "pool=0 8192 thin-pool /dev/loop0 /dev/loop1 128 0"];
        Assert.That(Explain(["0 8192 thin /dev/mapper/pool 0", .. pool]).Text, Does.Contain("why: the pool has no volume of the number"));
        var (code, text) = Explain(["0 8192 thin /dev/mapper/pool 0", .. pool, "--message", "pool=create_thin 0"]);
        Assert.That(code, Is.EqualTo(ExitCode.Agree), text);
        Assert.That(text, Does.EndWith("(loop1: taken to be large enough; --loop N=SIZE says how large)\n"));
    }

    [TestCase("0 8 zero more", "not expected here: zero\n")]
    [TestCase("0 8 linear", "words are missing: linear DEVICE START\n")]
    [TestCase("0 8 striped 1 8 7:0 0 7:1 0", "7:1               not expected here: striped STRIPES CHUNK (DEVICE START)…\n")]
    [TestCase("0 8 nothing x", "no target type that DmSim knows\n")]
    public void What_does_not_belong_is_marked(string table, string mark) => Assert.That(Explain(table).Text, Does.Contain(mark));

    [TestCase("eight zeroes")]
    [TestCase("# nothing")]
    [TestCase("0 8 zero", "--loop", "x=1")]
    [TestCase("0 8 zero", "--loop", "0=1Q")]
    [TestCase("0 8 zero", "--device", "=0 8 zero")]
    [TestCase("0 8 zero", "--device", "d=0 8 nothing")]
    [TestCase("0 8 zero", "--message", "nobody=hello")]
    public void What_makes_no_sense_is_refused_in_a_sentence(params string[] words) =>
        Assert.That(Explain(words).Code, Is.EqualTo(ExitCode.BadInput));

    private static (ExitCode Code, string Text) Explain(params string[] words)
    {
        var (output, errors) = (Console.Out, Console.Error);
        using var printed = new StringWriter();
        Console.SetOut(printed);
        Console.SetError(printed);
        try
        {
            return ((ExitCode)new ExplainVerb().Build().Parse(words).Invoke(), printed.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(errors);
        }
    }
}
