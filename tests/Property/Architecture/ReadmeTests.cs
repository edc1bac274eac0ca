using System.Text.RegularExpressions;
using DmSim.Cli.Verbs;
using NUnit.Framework;

namespace DmSim.Property.Architecture;

/// <summary>The README and the program speak of the same things.</summary>
internal sealed partial class ReadmeTests
{
    private static string Readme => Repository.Files.Single(file => file.Path == "README.md").Text;

    /// <summary>Rows of the table of commands: the verb, and the options that the row names.</summary>
    private static Dictionary<string, string> Rows => CommandRow().Matches(Readme).GroupBy(match => match.Groups[1].Value)
        .ToDictionary(rows => rows.Key, rows => string.Concat(rows.Select(row => row.Groups[2].Value)));

    [Test]
    public void Every_verb_is_in_the_table_of_commands() =>
        Assert.That(VerbRegistry.All.Select(verb => verb.Name), Is.SubsetOf(Rows.Keys));

    /// <summary>Of verbs that exist, every option that the table shows can be given.</summary>
    [TestCase("fuzz")]
    [TestCase("show")]
    [TestCase("sh")]
    public void The_options_shown_exist(string verb)
    {
        var options = VerbRegistry.All.Single(known => known.Name == verb).Build().Options.Select(option => option.Name);
        Assert.That(OptionName().Matches(Rows[verb]).Select(match => match.Value).Distinct(), Is.SubsetOf(options));
    }

    [Test]
    public void Paths_that_it_names_exist()
    {
        var missing = PathInTree().Matches(Readme).Select(match => match.Value.TrimEnd('/'))
            .Where(path => !Path.Exists(Path.Combine(Repository.Root, path)));
        Assert.That(missing, Is.Empty);
    }

    [GeneratedRegex(@"^\| `dmsim (\w+)([^`]*)`", RegexOptions.Multiline)]
    private static partial Regex CommandRow();

    [GeneratedRegex("--[a-z-]+")]
    private static partial Regex OptionName();

    [GeneratedRegex(@"\b(src|tests|scripts|examples)/[A-Za-z0-9_./-]*[A-Za-z0-9_/]")]
    private static partial Regex PathInTree();
}
