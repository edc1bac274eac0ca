using System.Text.Json.Nodes;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;

namespace DmSim.Harness.Reports;

/// <summary>Reports for machines. Field names are stable; times in seconds.</summary>
public static class JsonReport
{
    public static string Write(ConformanceSummary summary) => Of(summary).ToJsonString(JsonStyle.Indented);

    /// <summary>The same with what was reported of its divergences, which may have been shrunk.</summary>
    public static string Write(ConformanceSummary summary, IEnumerable<Divergence> reported)
    {
        var json = Of(summary);
        json["divergences"] = new JsonArray([.. reported.Select(Of)]);
        return json.ToJsonString(JsonStyle.Indented);
    }

    public static string Write(Divergence divergence) => Of(divergence).ToJsonString(JsonStyle.Indented);

    public static JsonObject Of(ConformanceSummary summary) => new()
    {
        ["model"] = summary.Model,
        ["kernel"] = summary.Kernel,
        ["cancelled"] = summary.Cancelled,
        ["figures"] = Of(summary.Figures, summary.FirstStepAfter),
        ["rules"] = new JsonArray([.. summary.RuleUses.Select(use => new JsonObject { ["name"] = use.Rule, ["uses"] = use.Uses })]),
        ["answers"] = new JsonArray([.. summary.Answers.Select(a => new JsonObject
        {
            ["operation"] = a.Verb,
            ["errno"] = a.Errno,
            ["count"] = a.Count,
        })]),
        ["noted"] = new JsonArray([.. summary.Noted.Select(Of)]),
        ["onlyOnTidiedKernel"] = new JsonArray([.. summary.OnlyOnTidied.Select(Of)]),
    };

    private static JsonObject Of(ConformanceFigures figures, TimeSpan? firstStepAfter) => new()
    {
        ["cases"] = figures.Cases,
        ["casesOnTidiedKernel"] = figures.TidiedCases,
        ["steps"] = figures.Steps,
        ["divergences"] = figures.Divergences,
        ["guestFailures"] = figures.GuestFailures,
        ["modelFailures"] = figures.ModelFailures,
        ["seconds"] = Math.Round(figures.Elapsed.TotalSeconds, 3),
        ["casesPerSecond"] = Math.Round(figures.CasesPerSecond, 2),
        ["stepsPerSecond"] = Math.Round(figures.StepsPerSecond, 1),
        ["meanAllowedOutcomes"] = Math.Round(figures.MeanAllowedOutcomes, 4),
        ["firstStepAfterSeconds"] = firstStepAfter is { } first ? Math.Round(first.TotalSeconds, 3) : null,
    };

    private static JsonObject Of(NotedCase noted)
    {
        var json = new JsonObject { ["index"] = noted.Index, ["case"] = noted.Name };
        switch (noted.Result)
        {
            case Diverged diverged:
                json["divergence"] = Of(diverged.Divergence);
                break;
            case GuestFailed failed:
                json["guestFailure"] = new JsonObject
                {
                    ["kind"] = failed.Failure.Kind.ToString(),
                    ["step"] = failed.Step,
                    ["summary"] = failed.Failure.Summary,
                    ["console"] = Texts(failed.Failure.Console),
                    ["operations"] = Texts(failed.Sequence.Operations.Select(o => o.ToString())),
                };
                break;
            case ModelFailed failed:
                json["modelFailure"] = new JsonObject
                {
                    ["step"] = failed.Failure.Step,
                    ["exception"] = failed.Failure.Exception.ToString(),
                    ["operations"] = Texts(failed.Sequence.Operations.Select(o => o.ToString())),
                };
                break;
        }
        return json;
    }

    public static JsonObject Of(Divergence divergence) => new()
    {
        ["signature"] = divergence.Signature.ToString(),
        ["case"] = divergence.Case,
        ["model"] = divergence.Model,
        ["kernel"] = divergence.Kernel,
        ["step"] = divergence.Last.Context.Step,
        ["operation"] = divergence.Last.Context.ToString(),
        ["loops"] = Texts(divergence.Sequence.Loops.Select(Operations.OperationSequence.PrintSetUp)),
        ["operations"] = Texts(divergence.Sequence.Operations.Select(o => o.ToString())),
        ["differences"] = new JsonArray([.. divergence.Verdict.Differences.Select(Of)]),
        ["allowed"] = new JsonArray([.. divergence.Verdict.Allowed.Select(a => new JsonObject
        {
            ["rule"] = a.Rule.Name,
            ["difference"] = Of(a.Difference),
        })]),
        ["note"] = divergence.Note,
        ["source"] = KernelSources.For(divergence.Last.Context.Verb),
    };

    private static JsonObject Of(Difference difference) => new()
    {
        ["subject"] = difference.Subject.ToString(),
        ["field"] = difference.Field.NameOf(),
        ["model"] = difference.Model,
        ["kernel"] = difference.Kernel,
    };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
