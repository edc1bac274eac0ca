using System.Globalization;
using DmSim.Harness.Running;
using Spectre.Console;

namespace DmSim.Cli;

/// <summary>
/// The live line of a campaign, on standard error: cases, steps, rate, rules used. One line that rewrites itself on a terminal, a line
/// every ten seconds elsewhere.
/// </summary>
internal sealed class ConformProgress(int cases) : IConformanceProgress, IDisposable
{
    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly bool _live = !Console.IsErrorRedirected && AnsiConsole.Profile.Capabilities.Ansi;
    private TimeSpan _last;
    private long _rulesUsed;
    private bool _lineOpen;

    public void KernelReady(string description) => Say($"ready: {description}");

    public void CaseDone(CaseResult result, ConformanceFigures soFar)
    {
        _rulesUsed += result.Figures.Allowed.Count;
        if (soFar.Elapsed - _last < (_live ? LiveInterval : PlainInterval))
            return;
        _last = soFar.Elapsed;
        string line = string.Create(CultureInfo.InvariantCulture,
            $"{soFar.Cases}/{cases} cases, {soFar.Steps} steps, {soFar.CasesPerSecond:F1} cases/s, {soFar.StepsPerSecond:F0} steps/s, "
            + $"{soFar.Divergences} divergences, {soFar.GuestFailures} guest failures, rules used {_rulesUsed}");
        if (!_live)
        {
            Console.Error.WriteLine(line);
            return;
        }
        Console.Error.Write($"\r\u001b[K{line}");
        _lineOpen = true;
    }

    /// <summary>A line of its own, above the live one.</summary>
    public void Say(string text)
    {
        EndLine();
        Console.Error.WriteLine($"dmsim: {text}");
    }

    public void Dispose() => EndLine();

    private void EndLine()
    {
        if (_lineOpen)
            Console.Error.Write("\r\u001b[K");
        _lineOpen = false;
    }
}
