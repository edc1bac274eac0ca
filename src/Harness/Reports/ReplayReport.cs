using System.Globalization;
using System.Text;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Scripts;
using DmSim.Harness.Traces;

namespace DmSim.Harness.Reports;

/// <summary>What each step of a sequence showed on one machine: of state only what the step has changed.</summary>
public static class ReplayReport
{
    private const string Indent = "       ";

    /// <param name="outcomes">Of the set-up, of each operation, of the end, as far as the machine came.</param>
    public static string Write(OperationSequence sequence, IEnumerable<StepOutcome> outcomes)
    {
        var text = new StringBuilder();
        var before = StepOutcome.Empty;
        int step = 0;
        foreach (var outcome in outcomes)
        {
            text.Append(CultureInfo.InvariantCulture, $"{step,4}  {What(sequence, step)}\n");
            OutcomeDelta.Print(text, Indent, before, outcome);
            before = outcome;
            step++;
        }
        return text.ToString();
    }

    private static string What(OperationSequence sequence, int step) =>
        step == 0 ? "set-up" : step > sequence.Operations.Count ? "end" : ScriptExport.OneLine(sequence.Operations[step - 1]);
}
