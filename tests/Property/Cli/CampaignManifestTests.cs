using System.CommandLine;
using DmSim.Cli.Verbs;
using DmSim.Property.Architecture;
using NUnit.Framework;
using YamlDotNet.RepresentationModel;

namespace DmSim.Property.Cli;

/// <summary>examples/campaign.k8s.yaml: YAML, of the shape that an indexed job has, with command lines that dmsim understands.</summary>
internal sealed class CampaignManifestTests
{
    private const string Shard = "/dmsim/scripts/shard ", Dmsim = "/dmsim/scripts/dmsim ";

    private static IReadOnlyList<YamlMappingNode> Jobs
    {
        get
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(Repository.Files.Single(file => file.Path == "examples/campaign.k8s.yaml").Text));
            return [.. stream.Documents.Select(document => (YamlMappingNode)document.RootNode)];
        }
    }

    private static YamlNode At(YamlNode node, params object[] path) => path.Aggregate(node, (at, step) => step is int index ? at[index] : at[(string)step]);

    private static string Text(YamlNode node, params object[] path) => ((YamlScalarNode)At(node, path)).Value!;

    private static YamlNode Container(YamlNode job) => At(job, "spec", "template", "spec", "containers", 0);

    private static string Script(YamlNode job)
    {
        Assert.That(((YamlSequenceNode)At(Container(job), "command")).Select(word => word.ToString()), Is.EqualTo((string[])["/bin/bash", "-c"]));
        return Text(Container(job), "args", 0);
    }

    [Test]
    public void There_is_a_job_of_shards_and_one_that_merges()
    {
        Assert.That(Jobs.Select(job => (Text(job, "apiVersion"), Text(job, "kind"), Text(job, "metadata", "name"))),
            Is.EqualTo((ValueTuple<string, string, string>[])[("batch/v1", "Job", "dmsim-shards"), ("batch/v1", "Job", "dmsim-merge")]));
        Assert.That(Text(Jobs[0], "spec", "completionMode"), Is.EqualTo("Indexed"));
        foreach (var job in Jobs)
        {
            Assert.That(Text(job, "spec", "template", "spec", "restartPolicy"), Is.EqualTo("Never"));
            Assert.That(Text(Container(job), "volumeMounts", 0, "name"), Is.EqualTo(Text(job, "spec", "template", "spec", "volumes", 0, "name")));
        }
    }

    [Test]
    public void Both_split_it_into_as_many_shards_as_there_are_pods()
    {
        string completions = Text(Jobs[0], "spec", "completions");
        Assert.That(Jobs.Select(Script), Is.All.StartsWith($"shards={completions}; "));
        Assert.That(Script(Jobs[0]), Does.Contain("$((JOB_COMPLETION_INDEX + 1))/$shards "), "an index counts from 0, a shard from 1");
    }

    [Test]
    public void Dmsim_understands_what_they_ask_for()
    {
        string[] shard = Script(Jobs[0]).Split(Shard)[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // The folder, and the three words of the shard's number.
        string[] words = [.. shard.Skip(1).SkipWhile(word => !word.EndsWith("/$shards", StringComparison.Ordinal)).Skip(1), "--shard", "3/8", "--result", "shard-3.json"];
        Assert.That(Errors(words), Is.Empty);
        string[] merge = Script(Jobs[1]).Split(Dmsim)[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(merge[0], Is.EqualTo("merge"));
        Assert.That(Errors(merge), Is.Empty);
        Assert.That(merge[1], Is.EqualTo(shard[0]), "it merges the folder that the shards write to");
    }

    private static IEnumerable<string> Errors(string[] words) =>
        VerbRegistry.All.Single(verb => verb.Name == words[0]).Build().Parse(words[1..]).Errors.Select(error => error.Message);
}
