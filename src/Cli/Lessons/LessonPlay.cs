using System.Globalization;
using System.Text;
using DmSim.Host;
using DmSim.Model.Machine;
using DmSim.Model.Views;
using DmSim.Pictures;
using Spectre.Console;

namespace DmSim.Cli.Lessons;

/// <summary>
/// A lesson as a program for a simulated machine: a bash that shows each step's text and commands, waits for the reader, runs the
/// commands, and shows the picture where it has changed. The texts are files in /dev/.dmsim; the picture is drawn when it is opened.
/// </summary>
/// <param name="waits">Whether there is a reader at a terminal, who presses Enter; else all runs through, and is plain.</param>
public sealed class LessonPlay(Lesson lesson, bool waits, int width)
{
    private const string Folder = HostSession.Folder;
    private const int WidestText = 100;

    private string _picture = "";

    public IReadOnlyList<string> Command => ["bash", $"{Folder}/lesson"];

    public Dictionary<string, string> Files()
    {
        var files = new Dictionary<string, string> { ["lesson-0.text"] = Opening(), ["lesson-0.sh"] = lesson.Preparation };
        // Sourced by the script itself and not by a function, where "local" and "$1" would mean something else.
        var play = new StringBuilder(waits ? Reader : "");
        play.Append(CultureInfo.InvariantCulture, $"cat {Folder}/lesson-0.text\n. {Folder}/lesson-0.sh\n");
        for (int i = 0; i < lesson.Steps.Count; i++)
        {
            var step = lesson.Steps[i];
            files[$"lesson-{i + 1}.text"] = Shown(step, i + 1);
            files[$"lesson-{i + 1}.sh"] = step.Commands;
            string wait = waits && step.Commands.Length > 0 ? "dmsim_wait\n" : "";
            play.Append(CultureInfo.InvariantCulture, $"cat {Folder}/lesson-{i + 1}.text\n{wait}. {Folder}/lesson-{i + 1}.sh\ncat {Folder}/picture\n");
        }
        files["lesson-end.text"] = Closing();
        play.Append(CultureInfo.InvariantCulture, $"cat {Folder}/lesson-end.text\n");
        files["lesson"] = play.ToString();
        return files.ToDictionary(file => file.Key, file => Bytes(file.Value));
    }

    /// <summary>What the machine looks like now; nothing when it looks as it did the last time.</summary>
    public string Picture(ModelMachine machine)
    {
        string picture = Draw(console => TextPicture.Write(console, machine.View()));
        if (picture == _picture)
            return "";
        _picture = picture;
        return Bytes("\n" + picture);
    }

    /// <summary>While the reader reads, the machine's time stands still: nothing runs out. He may also try commands of his own.</summary>
    private const string Reader = $$"""
        dmsim_wait() {
            local line
            echo stop >{{Folder}}/time
            while IFS= read -r -e -p $'\001\e[2m\002Enter: run   q: leave   or a command of your own: \001\e[0m\002' line </dev/tty || { echo; exit 0; }; do
                [ -n "$line" ] || break
                [ "$line" != q ] || exit 0
                echo go >{{Folder}}/time
                (set +eu; eval "$line") || echo "(status $?)"
                cat {{Folder}}/picture
                echo stop >{{Folder}}/time
            done
            echo go >{{Folder}}/time
        }

        """;

    private string Opening() => Draw(console =>
    {
        console.MarkupLine($"[bold]Lesson {lesson.Number}: {Markup.Escape(lesson.Title)}[/]");
        console.WriteLine();
        Paragraph(console, lesson.Introduction);
    });

    private string Shown(LessonStep step, int number) => Draw(console =>
    {
        console.WriteLine();
        console.MarkupLine($"[dim]{number} of {lesson.Steps.Count}[/]");
        if (step.Text.Length > 0)
            Paragraph(console, step.Text);
        if (step.Commands.Length > 0)
            console.WriteLine();
        // Commands are never broken: what is shown can be copied.
        foreach (string line in step.Commands.Split('\n')[..^1])
            console.Profile.Out.Writer.WriteLine(waits ? $"    \e[1;36m{line}\e[0m" : "    " + line);
        if (step.Commands.Length > 0)
            console.WriteLine();
    });

    private string Closing() => Draw(console =>
    {
        console.WriteLine();
        string next = lesson.Number < LessonCatalog.All.Count ? $" The next one: dmsim learn {lesson.Number + 1}." : "";
        Paragraph(console, $"This was lesson {lesson.Number}, examples/{lesson.File}.{next}");
    });

    private void Paragraph(IAnsiConsole console, string text) => console.Write(new Text(Wrap(text, Math.Min(width, WidestText))));

    private static string Wrap(string text, int width)
    {
        var lines = new StringBuilder();
        int column = 0;
        foreach (string word in text.Split(' '))
        {
            bool fits = column == 0 || column + 1 + word.Length <= width;
            lines.Append(column == 0 ? "" : fits ? " " : "\n").Append(word);
            column = fits && column > 0 ? column + 1 + word.Length : word.Length;
        }
        return lines.Append('\n').ToString();
    }

    private string Draw(Action<IAnsiConsole> draw) =>
        ConsoleText.Draw(width, waits ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors, draw);

    /// <summary>The files of the tree hold one char per byte.</summary>
    private static string Bytes(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
