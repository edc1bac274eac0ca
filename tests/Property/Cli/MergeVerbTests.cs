using System.CommandLine;
using DmSim.Cli;
using NUnit.Framework;

namespace DmSim.Property.Cli;

/// <summary>dmsim merge, over what "fuzz --on model" leaves; of other campaigns JoinedShardsTests tell.</summary>
[NonParallelizable]
internal sealed class MergeVerbTests
{
    private string _folder = "";

    [OneTimeSetUp]
    public void RunShards()
    {
        _folder = Directory.CreateTempSubdirectory("dmsim-merge-").FullName;
        for (int i = 1; i <= 3; i++)
            Assert.That(Fuzz($"{i}/3", Shard(i)).Status, Is.EqualTo((int)ExitCode.Agree));
    }

    [OneTimeTearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    /// <summary>A folder that is no folder of shards.</summary>
    private string Apart => Directory.CreateDirectory(Path.Combine(_folder, "apart")).FullName;

    private string Shard(int index) => Path.Combine(_folder, $"shard-{index}.json");

    private static (int Status, string Output, string Errors) Run(params string[] words)
    {
        var (output, errors) = (Console.Out, Console.Error);
        using var printed = new StringWriter();
        using var told = new StringWriter();
        Console.SetOut(printed);
        Console.SetError(told);
        try
        {
            return (CommandLine.RunAsync(words).GetAwaiter().GetResult(), printed.ToString(), told.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(errors);
        }
    }

    private static (int Status, string Output, string Errors) Fuzz(string shard, string result) =>
        Run("fuzz", "--on", "model", "--loads-only", "--count", "7", "--seed", "9", "--time", "5m", "--shard", shard, "--result", result);

    [Test]
    public void Shards_are_joined_and_the_joined_result_is_one_of_the_whole()
    {
        string whole = Path.Combine(_folder, "whole.json");
        var (status, output, errors) = Run("merge", _folder, "--result", whole);
        Assert.That((status, errors), Is.EqualTo(((int)ExitCode.Agree, "")));
        Assert.That(output, Does.StartWith("7 programs with ").And.Contains("found      nothing; 0 times again"));
        string bytes = File.ReadAllText(whole);
        Assert.That(Run("merge", _folder, "--result", whole).Output, Is.EqualTo(output), "what it wrote itself is no shard");
        Assert.That(File.ReadAllText(whole), Is.EqualTo(bytes));
        Assert.That(Run("merge", whole).Output, Is.EqualTo(output));
        Assert.That(Run("merge", Shard(1), Shard(2), Shard(3), Shard(2)).Output, Is.EqualTo(output), "the same twice is one");
        File.Delete(whole);
    }

    [Test]
    public void The_joined_result_is_that_of_a_run_in_one_piece()
    {
        string whole = Path.Combine(Apart, "whole.json");
        Assert.That(Fuzz("1/1", whole).Status, Is.EqualTo((int)ExitCode.Agree));
        string Programs(params string[] files) => Run(["merge", .. files]).Output.Split(" in ")[0];
        Assert.That(Programs(_folder), Is.EqualTo(Programs(whole)));
    }

    [Test]
    public void A_missing_shard_is_named_unless_that_is_wanted()
    {
        Assert.That(Run("merge", Shard(1), Shard(3)), Is.EqualTo(((int)ExitCode.BadInput, "",
            "dmsim: There is no result of shard 2 of 3: run what is missing, or merge the rest with --partial.\n")));
        var (status, output, errors) = Run("merge", Shard(1), Shard(3), "--partial");
        Assert.That((status, errors), Is.EqualTo(((int)ExitCode.Interrupted, "dmsim: without shard 2 of 3\n")));
        Assert.That(output, Does.StartWith("5 programs"));
    }

    [Test]
    public void What_cannot_be_merged_is_told_in_a_sentence()
    {
        string cut = Path.Combine(Apart, "cut.json");
        File.WriteAllText(cut, File.ReadAllText(Shard(1))[..200]);
        Assert.That(Run("merge", cut, Shard(2), Shard(3)), Is.EqualTo(((int)ExitCode.BadInput, "",
            $"dmsim: {cut} is damaged: it is cut or no JSON; copy it again, or run its shard again.\n")));
        Assert.That(Run("merge", "/nosuch").Errors, Is.EqualTo("dmsim: There is no file or folder /nosuch: merge takes what --result has written.\n"));
        Assert.That(Run("merge", _folder, "--html", "page").Errors, Is.EqualTo("dmsim: --html is for results of matrix, and these are of fuzz.\n"));
        Assert.That(Run("merge").Status, Is.EqualTo((int)ExitCode.Usage));
    }

    [Test]
    public void Lists_that_are_split_otherwise_take_no_shard() =>
        Assert.That(Run("fuzz", "--kind", "metadata", "--on", "model", "--shard", "1/2").Errors, Does.Contain("--shard and --result are for tables"));
}
