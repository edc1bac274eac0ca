using System.Text.RegularExpressions;
using DmSim.Abi;
using DmSim.Harness.Fuzzing.Grammar;
using DmSim.Property.Architecture;
using NUnit.Framework;

namespace DmSim.Property.Fuzzing.Grammar;

/// <summary>The grammar as a description for syzkaller.</summary>
internal sealed partial class SyzkallerExportTests
{
    private static readonly string Whole = SyzkallerExport.Write(GrammarRegistry.All);

    [Test]
    public void Striped_is_described_as_kept()
    {
        string kept = File.ReadAllText(Path.Combine(Repository.Root, "tests/Property/Fuzzing/Grammar/striped.syz.txt"));
        string text = SyzkallerExport.Write([GrammarRegistry.Find("striped")!]);
        Assert.That(text[text.IndexOf("\n# striped", StringComparison.Ordinal)..].Trim(), Is.EqualTo(kept.Trim()));
    }

    [Test]
    public void Every_command_and_every_target_is_in_it()
    {
        foreach (var grammar in GrammarRegistry.All)
            Assert.That(Whole, Does.Contain($"\"{grammar.Name}\""));
        foreach (var command in Enum.GetValues<DmCommand>())
            Assert.That(Whole, Does.Contain($"ioctl${command}("));
    }

    [Test]
    public void Every_type_that_is_named_is_defined_once()
    {
        var defined = Definition().Matches(Whole).Select(match => match.Groups[1].Value).ToArray();
        Assert.That(defined, Is.Unique);
        // Without what stands in quotes, and without the comments.
        string plain = Regex.Replace(Regex.Replace(Whole, "\"[^\"]*\"", ""), "^#.*$", "", RegexOptions.Multiline);
        var used = Use().Matches(plain).Select(match => match.Value).Distinct().Except(["dm_control", "dm_ioctl", "dm_spec", "dm_spaced"]);
        Assert.That(used.Except(defined), Is.Empty);
    }

    [GeneratedRegex(@"^(?:type )?(dm_\w+)(?=\[[A-Z, ]+\] \{| \{$| \[$| = | \w+)|^resource (fd_dm)", RegexOptions.Multiline)]
    private static partial Regex Definition();

    [GeneratedRegex(@"(?<![\w$])dm_\w+")]
    private static partial Regex Use();
}
