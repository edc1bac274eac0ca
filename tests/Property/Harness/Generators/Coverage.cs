using System.Text;
using DmSim.Harness.Generators;
using DmSim.Harness.Lowering;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Property.Harness.Generators;

/// <summary>
/// What the cases of an area reach: each point is something that they can do or meet, with the way to see that a case has come there. A
/// campaign says nothing about what it never reached.
/// </summary>
/// <param name="texts">Seen in the texts of a step: log lines, statuses.</param>
/// <param name="states">Seen in a step.</param>
internal sealed class Coverage((string Point, string Text)[] texts, (string Point, Func<StepRecord, bool> Is)[] states)
{
    /// <summary>Runs the first cases of seed 1 on the model, prints how many have come to each point, and fails for one that none has.</summary>
    public async Task AssertReachedAsync(string area, int cases, int operations)
    {
        var counts = texts.Select(t => t.Point).Concat(states.Select(s => s.Point)).ToDictionary(point => point, _ => 0);
        var source = new GeneratedCases(AreaRegistry.Find(area)!, 1, cases, operations);
        for (int i = 0; i < cases; i++)
        {
            await using var machine = new ModelMachine(KernelProfile.Linux61);
            var run = await ReferenceRun.RunAsync(machine, source.Open(i), LookPolicy.WhenTouched);
            Assert.That(run.Failure, Is.Null);
            foreach (string point in Reached(run))
                counts[point]++;
        }
        var text = new StringBuilder();
        foreach (var (point, count) in counts)
            text.AppendLine($"{count,4} of {cases} cases: {point}");
        await TestContext.Out.WriteLineAsync(text);
        Assert.That(counts.Where(pair => pair.Value == 0).Select(pair => pair.Key), Is.Empty);
    }

    private HashSet<string> Reached(ReferenceRun run)
    {
        var reached = new HashSet<string>();
        foreach (var step in run.Steps)
        {
            foreach (var (point, text) in texts)
            {
                if (step.Outcome.Values.Any(value => value.Value.Contains(text, StringComparison.Ordinal)))
                    reached.Add(point);
            }
            foreach (var (point, isReached) in states)
            {
                if (isReached(step))
                    reached.Add(point);
            }
        }
        return reached;
    }
}
