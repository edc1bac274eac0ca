using Spectre.Console;

namespace DmSim.Pictures;

/// <summary>What a console would show, as text that somebody else prints.</summary>
public static class ConsoleText
{
    private const int LeastWidth = 24;

    /// <param name="width">Columns.</param>
    /// <param name="colors">Which it has; with none the text is plain.</param>
    /// <param name="draw">Writes to the console.</param>
    public static string Draw(int width, ColorSystemSupport colors, Action<IAnsiConsole> draw)
    {
        ArgumentNullException.ThrowIfNull(draw);
        using var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(text),
            Ansi = colors == ColorSystemSupport.NoColors ? AnsiSupport.No : AnsiSupport.Yes,
            ColorSystem = colors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = Math.Max(LeastWidth, width);
        console.Profile.Capabilities.Unicode = true;
        draw(console);
        return text.ToString();
    }
}
