using Spectre.Console;

namespace DmSim.Cli;

/// <summary>
/// A line on standard error that says how far something is: it rewrites itself on a terminal; elsewhere there is one every ten seconds.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly bool _live = !Console.IsErrorRedirected && AnsiConsole.Profile.Capabilities.Ansi;
    private readonly System.Diagnostics.Stopwatch _watch = System.Diagnostics.Stopwatch.StartNew();
    private TimeSpan _last;
    private bool _open;

    public void Update(string text)
    {
        if (_watch.Elapsed - _last < (_live ? LiveInterval : PlainInterval))
            return;
        _last = _watch.Elapsed;
        if (!_live)
        {
            Console.Error.WriteLine(text);
            return;
        }
        Console.Error.Write($"\r\u001b[K{text}");
        _open = true;
    }

    /// <summary>A line of its own, above the live one.</summary>
    public void Say(string text)
    {
        Dispose();
        Console.Error.WriteLine($"dmsim: {text}");
    }

    public void Dispose()
    {
        if (_open)
            Console.Error.Write("\r\u001b[K");
        _open = false;
    }
}
