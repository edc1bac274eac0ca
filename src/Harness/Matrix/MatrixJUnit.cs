using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace DmSim.Harness.Matrix;

/// <summary>
/// A campaign as JUnit XML, for whatever shows tests: a suite for each column, a test for each operation. A test fails when a model is
/// wrong there, or, against a baseline, when something is new.
/// </summary>
public static class MatrixJUnit
{
    public static string Write(MatrixSummary summary, MatrixVerdict verdict)
    {
        var suites = summary.Machines.Select(machine => Suite(summary, verdict, machine.Label)).ToList();
        var root = new XElement("testsuites", new XAttribute("name", "dmsim matrix"), Sum("tests"), Sum("failures"),
            new XAttribute("time", Seconds(summary.Elapsed)), suites);
        return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + root + "\n";

        XAttribute Sum(string name) => new(name, suites.Sum(suite => (int)suite.Attribute(name)!));
    }

    private static XElement Suite(MatrixSummary summary, MatrixVerdict verdict, string label)
    {
        var failing = summary.Findings.Where(g => g.Smallest.Newer == label && IsFailure(g, verdict)).ToLookup(g => g.Smallest.Verb);
        string[] verbs = [.. summary.Verbs.Keys.Union(failing.Select(g => g.Key)).Order(StringComparer.Ordinal)];
        return new XElement("testsuite", new XAttribute("name", label), new XAttribute("tests", verbs.Length),
            new XAttribute("failures", verbs.Count(failing.Contains)),
            verbs.Select(verb => new XElement("testcase", new XAttribute("classname", $"dmsim.matrix.{label}"), new XAttribute("name", verb),
                failing[verb].Select(Failure))));
    }

    private static bool IsFailure(FindingGroup group, MatrixVerdict verdict) => verdict.HasBaseline
        ? verdict.IsNew(group) : group.Smallest.Kind is FindingKind.ModelWrong or FindingKind.ModelThrew;

    private static XElement Failure(FindingGroup group) => new("failure", new XAttribute("message", Clean($"{group.Smallest.Verdict}: {group.Signature}")),
        Clean(string.Join('\n', group.Smallest.Values.Select(v => $"{v.Machine}: {v.Value ?? "(none)"}")) + "\n\n" + group.Smallest.Sequence));

    /// <summary>XML has no way to write most control characters.</summary>
    private static string Clean(string text) =>
        string.Concat(text.Select(c => XmlConvert.IsXmlChar(c) ? c.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}")));

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("F3", CultureInfo.InvariantCulture);
}
