using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Traces;
using DmSim.Property.Architecture;
using NUnit.Framework;

namespace DmSim.Property.Thin.PlantedBugs;

/// <summary>
/// The recorded answers of kernels must notice when the thin part of the model is wrong: transcripts, numbered scenarios and traces,
/// each checked on a model with a bug in it.
/// </summary>
[TestFixture]
public sealed class ThinBugTests
{
    private static readonly Comparer Comparer = new(AllowedOutcomeRules.All);

    private ModelCompiler _compiler = null!;
    private (string Name, string Text)[] _transcripts = null!;
    private (string Name, Trace Trace)[] _traces = null!;

    [OneTimeSetUp]
    public void Read_what_kernels_answered()
    {
        ThinTools.Require("thin_dump", "thin_check");
        _compiler = new ModelCompiler();
        string thin = Path.Combine(Repository.Root, "tests/Property/Thin");
        // Quick ones first: most bugs show soon.
        _transcripts = [.. ((string[])["Transcripts", "SectionE"]).SelectMany(folder => Directory.EnumerateFiles(Path.Combine(thin, folder), "*.txt"))
            .Select(path => (Path.GetFileNameWithoutExtension(path), File.ReadAllText(path))).OrderBy(t => t.Item2.Contains("> for ", StringComparison.Ordinal)).ThenBy(t => t.Item2.Length)];
        // Of the release whose model is compiled.
        _traces = [.. TraceFile.Find(Path.Combine(Repository.Root, "tests/Property/Traces"))
            .Select(path => (Path.GetFileName(path), TraceFile.Read(path))).Where(t => t.Item1.StartsWith("6.1-thin", StringComparison.Ordinal))];
    }

    [Test]
    public void The_compiled_model_without_a_bug_answers_as_the_kernel_did() => Assert.That(Catch(_compiler.Right()), Is.Null);

    [Test]
    public void Every_planted_bug_is_caught()
    {
        var bugs = ThinBugs.All;
        string?[] caught = new string?[bugs.Count];
        Parallel.For(0, bugs.Count, i => caught[i] = Catch(_compiler.With(bugs[i])));
        for (int i = 0; i < bugs.Count; i++)
            TestContext.Out.WriteLine($"{bugs[i].Name,-26} {caught[i] ?? "MISSED",-60} {bugs[i].What}");
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"caught {caught.Count(c => c is not null)} of {bugs.Count} planted thin bugs, by what a kernel answered"));
        Assert.Multiple(() =>
        {
            Assert.That(bugs.Where((_, i) => caught[i] is null).Select(bug => bug.Name), Is.Empty, "missed");
            Assert.That(bugs, Has.Count.GreaterThanOrEqualTo(25));
            Assert.That(bugs.Select(bug => bug.Name), Is.Unique);
        });
    }

    /// <summary>Where the machine first answers otherwise than the kernel did; null when it does not.</summary>
    private string? Catch(Func<bool, IMachine> fresh)
    {
        foreach (var (name, text) in _transcripts)
        {
            if (FirstDifference(fresh(true), text) is { } line)
                return $"{name}: {line}";
        }
        foreach (var (name, trace) in _traces)
        {
            var checker = new TraceChecker(() => fresh(false), "mutant", Comparer);
            foreach (var recorded in trace.Cases)
            {
                if (checker.Check(trace, recorded) is { Agrees: false } differs)
                    return differs.Divergence is { } divergence ? $"{divergence.Signature} ({recorded.Name})" : $"it throws ({recorded.Name})";
            }
        }
        return null;
    }

    private static string? FirstDifference(IMachine machine, string transcript)
    {
        string[] expected = transcript.Split('\n');
        string command = "";
        int at = 0;
        try
        {
            foreach (string line in new TranscriptPlayer(machine).Play(transcript).SelectMany(said => said.Split('\n')))
            {
                if (line.StartsWith('>'))
                    command = line;
                if (line != expected[at++])
                    return command;
            }
        }
        // What waits for ever, or breaks a rule of the model's own, is noticed as well.
        catch (InvalidOperationException e)
        {
            return $"{command} ({e.Message})";
        }
        return at < expected.Length - 1 ? command : null;
    }
}
