using System.CommandLine;
using System.Text;
using DmSim.Cli.Hosted;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Scripts;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using DmSim.Model.Reasons;
using DmSim.Model.Views;
using DmSim.Pictures;
using Spectre.Console;

namespace DmSim.Cli.Verbs;

/// <summary>
/// dmsim show: devices and their blocks as a picture; of the machine around it, inside "dmsim sh", or after each step of a recorded
/// sequence.
/// </summary>
public sealed class ShowVerb : IVerb
{
    private readonly Argument<string[]> _what = new("FILE.ops | DEVICE…")
    {
        Description = "operations (.ops), as conform writes them; or, inside 'dmsim sh', the devices to show with all that they lie on (all of them where none is given)",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<int?> _step = new("--step") { Description = "the picture after this step; without, after the last", HelpName = "N" };
    private readonly Option<string?> _svg = new("--svg") { Description = "write it as SVG", HelpName = "FILE" };
    private readonly Option<string?> _html = new("--html") { Description = "write the whole session as one page that steps through it", HelpName = "FILE" };
    private readonly Option<bool> _watch = new("--watch") { Description = "inside 'dmsim sh': draw it again whenever it changes, until Ctrl-C" };
    private readonly Option<int?> _width = new("--width") { Description = "columns; without, as wide as the terminal", HelpName = "N" };

    public string Name => "show";

    public Command Build()
    {
        var command = new Command(Name, "Draws devices, what lies on what, and who owns which block: of the machine around it, inside 'dmsim sh', or step by step of a recorded sequence.")
            { _what, _step, _svg, _html, _width, _watch };
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(token => RunAsync(parsed, token), cancel));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        string[] what = parsed.GetValue(_what)!;
        if (what is not [var only] || !only.EndsWith(".ops", StringComparison.Ordinal))
        {
            if (!InsideMachine.IsHere)
                throw new BadInputException("There is no simulated machine around this command: inside 'dmsim sh' it shows that one; elsewhere give it a file with operations (.ops).");
            return ShowAround(parsed, what, cancel);
        }
        string file = what[0];
        if (!File.Exists(file))
            throw new BadInputException($"There is no file {file}: give one with operations, as conform writes them (.ops).");
        if (!OperationSequence.TryParse(await File.ReadAllTextAsync(file, Encoding.Latin1, cancel), out var sequence, out string error))
            throw new BadInputException($"{file} is no sequence of operations: {error}.");
        var steps = await PlayAsync(sequence!);
        int step = parsed.GetValue(_step) ?? steps.Count - 1;
        if (step < 0 || step >= steps.Count)
            throw new BadInputException($"{file} has the steps 0 to {steps.Count - 1}, and no step {step}.");
        if (parsed.GetValue(_svg) is { } svg)
            await File.WriteAllTextAsync(svg, SvgPicture.Write(steps[step].View), cancel);
        if (parsed.GetValue(_html) is { } html)
            await File.WriteAllTextAsync(html, HtmlStory.Write(Path.GetFileName(file), steps), cancel);
        if (parsed.GetValue(_svg) is null && parsed.GetValue(_html) is null)
            Print(steps[step], step, parsed.GetValue(_width));
        return (int)ExitCode.Agree;
    }

    /// <summary>The machine that this process runs on.</summary>
    private int ShowAround(ParseResult parsed, string[] devices, CancellationToken cancel)
    {
        if (parsed.GetValue(_step) is not null)
            throw new BadInputException("--step is for a file with operations; the steps of this session are in the page that --html writes.");
        if (parsed.GetValue(_svg) is { } svg)
            File.WriteAllText(svg, InsideMachine.Ask(["svg", .. devices]));
        if (parsed.GetValue(_html) is { } html)
            File.WriteAllText(html, InsideMachine.Ask("story", Path.GetFileNameWithoutExtension(html)));
        if (parsed.GetValue(_watch))
            Watch(parsed, devices, cancel);
        else if (parsed.GetValue(_svg) is null && parsed.GetValue(_html) is null)
            Console.Write(AskPicture(parsed, devices));
        return (int)ExitCode.Agree;
    }

    private string AskPicture(ParseResult parsed, string[] devices)
    {
        const int usualWidth = 80;
        bool colors = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is not { Length: > 0 };
        int width = parsed.GetValue(_width) ?? (Console.IsOutputRedirected ? usualWidth : Console.WindowWidth);
        return InsideMachine.Ask(["show", width.ToString(System.Globalization.CultureInfo.InvariantCulture), colors ? "colors" : "plain", .. devices]);
    }

    /// <summary>Draws on a screen of its own that goes away at the end; into a pipe, one picture after another.</summary>
    private void Watch(ParseResult parsed, string[] devices, CancellationToken cancel)
    {
        bool onScreen = !Console.IsOutputRedirected;
        if (onScreen)
            Console.Write("\e[?1049h\e[?25l");
        try
        {
            string last = "";
            do
            {
                string picture = AskPicture(parsed, devices);
                if (picture == last)
                    continue;
                last = picture;
                // Line by line over the old picture, what is left of it erased: no flicker.
                Console.Write(onScreen ? $"\e[H{picture.Replace("\n", "\e[K\n", StringComparison.Ordinal)}\e[J" : picture + "\n");
                Console.Out.Flush();
            }
            while (!cancel.WaitHandle.WaitOne(LookAgain));
        }
        finally
        {
            if (onScreen)
                Console.Write("\e[?25h\e[?1049l");
        }
    }

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(300);

    private static void Print(StoryStep step, int number, int? width)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.Out),
            Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = Console.IsOutputRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        });
        console.Profile.Width = Math.Max(24, width ?? console.Profile.Width);
        console.MarkupLine($"[dim]step {number}[/]  {Markup.Escape(step.Title)}  {(step.Result == "ok" ? "[green]ok[/]" : $"[red]{Markup.Escape(step.Result)}[/]")}");
        if (step.Why is { } why)
            console.MarkupLine($"  [yellow]{Markup.Escape(why)}.[/]");
        foreach (string line in step.Log)
            console.MarkupLine($"  [dim]{Markup.Escape(line)}[/]");
        console.WriteLine();
        TextPicture.Write(console, step.View);
    }

    /// <summary>The sequence on a fresh model, with a view after the set-up and after each operation.</summary>
    internal static async ValueTask<IReadOnlyList<StoryStep>> PlayAsync(OperationSequence sequence)
    {
        var machine = new ModelMachine(KernelProfile.Linux61);
        Refusal? refused = null;
        machine.WatchRefusals().Refused += refusal => refused ??= refusal;
        var stepper = new CaseStepper(machine, LookPolicy.WhenTouched);
        var steps = new List<StoryStep>();
        var setUp = await stepper.SetUpAsync(sequence.Loops);
        steps.Add(Step("set-up", setUp.Outcome, null, machine));
        foreach (var operation in sequence.Operations)
        {
            refused = null;
            var record = await stepper.StepAsync(operation);
            steps.Add(Step(ScriptExport.OneLine(operation), record.Outcome, refused, machine));
        }
        return steps;
    }

    private static StoryStep Step(string title, StepOutcome outcome, Refusal? refused, ModelMachine machine)
    {
        string? errno = outcome.OfOperation(Field.OpenErrno) ?? outcome.OfOperation(Field.Errno);
        string result = outcome.OfOperation(Field.Progress) ?? errno ?? "ok";
        string log = outcome.Find(Subject.Machine, Field.Log) ?? "";
        return new StoryStep(title, result, machine.View(), log.Length == 0 ? [] : log.Split('\n'), errno is null ? null : refused?.Sentence);
    }
}
