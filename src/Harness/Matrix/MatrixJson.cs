using System.Text.Json.Nodes;
using DmSim.Harness.Reports;

namespace DmSim.Harness.Matrix;

/// <summary>A campaign for machines. Field names are stable; times in seconds.</summary>
public static class MatrixJson
{
    public static string Write(MatrixSummary summary, MatrixVerdict verdict) => new JsonObject
    {
        ["kernels"] = new JsonArray([.. summary.Machines.Select(m => new JsonObject
        {
            ["label"] = m.Label,
            ["description"] = m.Description,
            ["hasModel"] = m.HasModel,
        })]),
        ["cases"] = summary.Cases,
        ["steps"] = summary.Steps,
        ["seconds"] = Math.Round(summary.Elapsed.TotalSeconds, 3),
        ["cancelled"] = summary.Cancelled,
        ["good"] = verdict.IsGood,
        ["operations"] = new JsonObject(summary.Verbs.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)v.Value))),
        ["findings"] = new JsonArray([.. summary.Findings.Select(g => Of(g, verdict))]),
    }.ToJsonString(JsonStyle.Indented);

    private static JsonObject Of(FindingGroup group, MatrixVerdict verdict) => new()
    {
        ["signature"] = group.Signature,
        ["verdict"] = group.Smallest.Verdict,
        ["kind"] = group.Smallest.Kind.ToString(),
        ["older"] = group.Smallest.Older,
        ["newer"] = group.Smallest.Newer,
        ["operation"] = group.Smallest.Verb,
        ["observable"] = group.Smallest.Place,
        ["modelled"] = group.Smallest.Modelled,
        ["new"] = verdict.HasBaseline ? verdict.IsNew(group) : null,
        ["cases"] = group.Cases,
        ["case"] = group.Smallest.Case,
        ["step"] = group.Smallest.Step,
        ["shows"] = new JsonObject(group.Smallest.Values.Select(v => KeyValuePair.Create(v.Machine, (JsonNode?)v.Value))),
        ["sequence"] = group.Smallest.Sequence.ToString(),
    };
}
