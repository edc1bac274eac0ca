using System.Globalization;
using DmSim.Harness.Running;

namespace DmSim.Cli;

/// <summary>The live line of a campaign: cases, steps, rate, rules used.</summary>
internal sealed class ConformProgress(int cases) : IConformanceProgress, IDisposable
{
    private readonly ProgressLine _line = new();
    private string? _described;
    private long _rulesUsed;

    public void KernelReady(string description)
    {
        if (_described != description)
            _line.Say(description);
        _described = description;
    }

    public void CaseDone(CaseResult result, ConformanceFigures soFar)
    {
        _rulesUsed += result.Figures.Allowed.Count;
        _line.Update(string.Create(CultureInfo.InvariantCulture,
            $"{soFar.Cases}/{cases} cases, {soFar.Steps} steps, {soFar.CasesPerSecond:F1} cases/s, {soFar.StepsPerSecond:F0} steps/s, "
            + $"{soFar.Divergences} divergences, {soFar.GuestFailures} guest failures, rules used {_rulesUsed}"));
    }

    public void Dispose() => _line.Dispose();
}
