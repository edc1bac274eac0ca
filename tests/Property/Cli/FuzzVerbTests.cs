using System.CommandLine;
using DmSim.Cli;
using DmSim.Cli.Verbs;
using NUnit.Framework;

namespace DmSim.Property.Cli;

[NonParallelizable]
internal sealed class FuzzVerbTests
{
    [Test]
    public void Fuzz_prints_how_many_buffers_it_sent_and_how_fast()
    {
        var output = Console.Out;
        using var printed = new StringWriter();
        Console.SetOut(printed);
        try
        {
            Assert.That(new FuzzVerb().Build().Parse(["--kind", "ioctl", "--on", "model", "--count", "10000", "--seed", "3"]).Invoke(), Is.EqualTo((int)ExitCode.Agree));
        }
        finally
        {
            Console.SetOut(output);
        }
        Assert.That(printed.ToString(), Does.Match("^10000 buffers in .* a second; .*seed 3, digest [0-9a-f]{16}\nno exception, no hang\n$"));
    }

    [Test]
    public void The_grammar_is_written_for_syzkaller()
    {
        string file = Path.GetTempFileName();
        try
        {
            Assert.That(new FuzzVerb().Build().Parse(["--syz", file]).Invoke(), Is.EqualTo((int)ExitCode.Agree));
            Assert.That(File.ReadAllText(file), Does.Contain("dm_words_striped"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [TestCase("--time", "0s")]
    [TestCase("--time", "60")]
    [TestCase("--time", "soon")]
    [TestCase("--jobs", "0")]
    [TestCase("--kind", "tables")]
    [TestCase("--target", "nosuch")]
    [TestCase("--count", "0")]
    [TestCase("--count", "many")]
    [TestCase("--seed", "-1")]
    public void Fuzz_refuses_what_it_cannot_do(string option, string value) =>
        Assert.That(new FuzzVerb().Build().Parse([option, value]).Errors, Is.Not.Empty);
}
