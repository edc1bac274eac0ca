using System.Xml.Linq;
using NUnit.Framework;

namespace DmSim.Property.Architecture;

/// <summary>Arrows between projects point one way: Cli to Harness to Model and Kernel, and those to Abi. Model and Kernel never see each other.</summary>
internal sealed class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Abi"] = [],
        ["Model"] = ["Abi"],
        ["Kernel"] = ["Abi"],
        ["Agent"] = ["Kernel"],
        ["Harness"] = ["Model", "Kernel"],
        ["Pictures"] = ["Model"],
        ["Host"] = ["Model", "Kernel", "Pictures"],
        ["Cli"] = ["Harness", "Host", "Pictures"],
    };

    private static string[] ProjectsIn(string folder) =>
        [.. Repository.Files.Where(file => file.IsIn(folder) && file.Path.EndsWith(".csproj", StringComparison.Ordinal)).Select(file => file.Path)];

    [Test]
    public void Every_project_of_src_has_its_place() =>
        Assert.That(ProjectsIn("src").Select(Path.GetFileNameWithoutExtension), Is.SubsetOf(Allowed.Keys));

    [TestCaseSource(nameof(SourceProjects))]
    public void A_project_sees_only_what_lies_below_it(string path)
    {
        var references = XDocument.Load(Path.Combine(Repository.Root, path)).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
        Assert.That(references, Is.SubsetOf(Allowed[Path.GetFileNameWithoutExtension(path)]));
    }

    private static string[] SourceProjects() => ProjectsIn("src");

    /// <summary>What is compiled counts, too: a reference that comes in through another project is one.</summary>
    [TestCase("Model", "DmSim.Kernel", "DmSim.Harness", "dmsim")]
    [TestCase("Kernel", "DmSim.Model", "DmSim.Harness", "dmsim")]
    [TestCase("Abi", "DmSim.Model", "DmSim.Kernel", "DmSim.Harness", "dmsim")]
    public void An_assembly_sees_none_of_these(string project, params string[] hidden)
    {
        var seen = System.Reflection.Assembly.Load("DmSim." + project).GetReferencedAssemblies().Select(name => name.Name);
        Assert.That(seen.Intersect(hidden), Is.Empty);
    }

    [Test]
    public void The_agent_brings_no_package_into_the_guest() =>
        Assert.That(Repository.Files.Single(file => file.Path == "src/Agent/Agent.csproj").Text, Does.Not.Contain("PackageReference"));
}
