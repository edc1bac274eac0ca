using DmSim.Cli.Verbs;
using DmSim.Model.Targets;
using NUnit.Framework;

namespace DmSim.Property.Architecture;

/// <summary>A target type, and a verb, is one file, one registry line and one test file: a missing twin is named here.</summary>
internal sealed class TwinTests
{
    private static IEnumerable<string> Types => TargetRegistry.All.Select(type => type.GetType().Name[..^"Type".Length]);

    private static IEnumerable<string> Verbs => VerbRegistry.All.Select(verb => verb.GetType().Name);

    /// <summary>Verbs that came without a test of their own so far. This list may only get shorter.</summary>
    private static readonly string[] OwedTests = [];

    private static bool Exists(string folder, string name) =>
        Repository.CSharp.Any(file => file.IsIn(folder) && file.Name == name);

    [TestCaseSource(nameof(Types))]
    public void A_target_type_has_a_file_and_a_test_file(string type)
    {
        Assert.That(Exists("src/Model/Targets", type + "Target"), $"src/Model/Targets/{type}Target.cs");
        Assert.That(Exists("tests/Property", type + "TargetTests"), $"tests/Property/Targets/{type}TargetTests.cs");
    }

    [Test]
    public void Every_file_of_a_target_type_has_its_line_in_the_registry()
    {
        var files = Repository.CSharp.Where(file => file.IsIn("src/Model/Targets") && file.Text.Contains(" : TargetType\n", StringComparison.Ordinal));
        Assert.That(files.Select(file => file.Name), Is.EquivalentTo(Types.Select(type => type + "Target")));
    }

    [TestCaseSource(nameof(Verbs))]
    public void A_verb_has_a_file_and_a_test_file(string verb)
    {
        Assert.That(Exists("src/Cli/Verbs", verb), $"src/Cli/Verbs/{verb}.cs");
        Assert.That(Exists("tests", verb + "Tests") || OwedTests.Contains(verb), $"{verb}Tests.cs");
    }

    [Test]
    public void Every_file_of_a_verb_has_its_line_in_the_registry()
    {
        var files = Repository.CSharp.Where(file => file.IsIn("src/Cli/Verbs") && file.Name.EndsWith("Verb", StringComparison.Ordinal) && file.Name != "IVerb");
        Assert.That(files.Select(file => file.Name), Is.EquivalentTo(Verbs));
    }

    [Test]
    public void Names_of_types_and_verbs_are_unique()
    {
        Assert.That(TargetRegistry.All.Select(type => type.Name), Is.Unique);
        Assert.That(VerbRegistry.All.Select(verb => verb.Name), Is.Unique);
    }
}
