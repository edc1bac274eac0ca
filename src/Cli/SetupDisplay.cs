using System.Globalization;
using DmSim.Kernel.Vm;
using Spectre.Console;

namespace DmSim.Cli;

/// <summary>
/// Shows on standard error how far slow preparation is: a bar on a terminal, a line per phase (and every ten seconds) elsewhere.
/// Work that never reports shows nothing.
/// </summary>
internal sealed class SetupDisplay : IProgress<SetupProgress>, IDisposable
{
    private static readonly TimeSpan FrameInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _end = new();
    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
    private SetupProgress _latest;
    private DateTime _lastLine;
    private Task? _bar;

    public void Report(SetupProgress value)
    {
        lock (_lock)
        {
            bool newPhase = value.Phase != _latest.Phase;
            _latest = value;
            if (_console.Profile.Out.IsTerminal && _console.Profile.Capabilities.Ansi)
                _bar ??= ShowBarAsync();
            else if (newPhase || DateTime.UtcNow - _lastLine > PlainInterval)
                WriteLine(value, newPhase);
        }
    }

    private void WriteLine(SetupProgress progress, bool newPhase)
    {
        _lastLine = DateTime.UtcNow;
        string size = progress.Total == 0 ? ""
            : newPhase ? $" ({Sizes.Text(progress.Total)})"
            : string.Create(CultureInfo.InvariantCulture, $": {100 * progress.Done / progress.Total} %");
        Console.Error.WriteLine($"dmsim: {progress.Phase}{size}");
    }

    private Task ShowBarAsync() => _console.Progress().AutoClear(true).HideCompleted(true)
        .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
            new ElapsedTimeColumn())
        .StartAsync(async context =>
        {
            ProgressTask? task = null;
            string? phase = null;
            while (!_end.IsCancellationRequested)
            {
                SetupProgress latest;
                lock (_lock)
                    latest = _latest;
                if (latest.Phase != phase)
                {
                    task?.StopTask();
                    if (task is not null)
                        task.Value = task.MaxValue;
                    phase = latest.Phase;
                    task = context.AddTask(Markup.Escape(Shortened(phase)));
                }
                task!.IsIndeterminate = latest.Total == 0;
                task.MaxValue = Math.Max(1, latest.Total);
                task.Value = Math.Min(latest.Done, Math.Max(1, latest.Total));
                await Task.Delay(FrameInterval, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });

    /// <summary>A phase beside which a bar still fits.</summary>
    private string Shortened(string phase)
    {
        int room = Math.Max(20, _console.Profile.Width - 65);
        return phase.Length <= room ? phase : phase[..(room - 1)] + "…";
    }

    /// <summary>Takes the bar away: what is written from now on stands alone.</summary>
    public void End()
    {
        _end.Cancel();
        _bar?.Wait();
    }

    public void Dispose()
    {
        End();
        _end.Dispose();
    }
}

/// <summary>Sizes for people.</summary>
internal static class Sizes
{
    private const double MiB = 1 << 20;

    public static string Text(long bytes) => bytes < MiB
        ? string.Create(CultureInfo.InvariantCulture, $"{(bytes + 1023) / 1024} KiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / MiB:F1} MiB");
}
