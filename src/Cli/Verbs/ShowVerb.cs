using System.CommandLine;
using System.Text;
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

/// <summary>dmsim show: devices and their blocks as a picture, after each step of a recorded sequence.</summary>
public sealed class ShowVerb : IVerb
{
    private readonly Argument<string> _file = new("file") { Description = "operations (.ops), as conform writes them" };
    private readonly Option<int?> _step = new("--step") { Description = "the picture after this step; without, after the last", HelpName = "N" };
    private readonly Option<string?> _svg = new("--svg") { Description = "write it as SVG", HelpName = "FILE" };
    private readonly Option<string?> _html = new("--html") { Description = "write the whole session as one page that steps through it", HelpName = "FILE" };
    private readonly Option<int?> _width = new("--width") { Description = "columns; without, as wide as the terminal", HelpName = "N" };

    public string Name => "show";

    public Command Build()
    {
        var command = new Command(Name, "Draws the devices of a recorded sequence and who owns which block, step by step.") { _file, _step, _svg, _html, _width };
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(token => RunAsync(parsed, token), cancel));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        string file = parsed.GetValue(_file)!;
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
