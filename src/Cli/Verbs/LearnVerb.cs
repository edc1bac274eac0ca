using System.CommandLine;
using System.Globalization;
using DmSim.Cli.Lessons;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Cli.Verbs;

/// <summary>dmsim learn: a lesson of examples/, step by step on a simulated machine.</summary>
public sealed class LearnVerb : IVerb
{
    private const int PlainWidth = 100;

    private readonly Argument<string?> _number = new("N")
    {
        Description = "the lesson's number, or its script's name; without, the lessons are listed",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public string Name => "learn";

    public Command Build()
    {
        var command = new Command(Name, "Walks through a lesson on a simulated machine, without root: it shows a text and the next commands, you press "
            + "Enter, they run in a real bash, and the picture of the devices changes. Not at a terminal, it runs through without waiting.")
        {
            _number,
        };
        command.SetAction((parsed, cancel) => VerbRun.RunAsync(_ => Task.FromResult(Run(parsed.GetValue(_number))), cancel));
        return command;
    }

    private static int Run(string? wanted)
    {
        if (wanted is not null)
            return Play(Find(wanted));
        foreach (var lesson in LessonCatalog.All)
            Console.WriteLine($"{lesson.Number,3}  {lesson.Title}");
        Console.WriteLine("\ndmsim learn N walks through one.");
        return (int)ExitCode.Agree;
    }

    private static Lesson Find(string wanted) =>
        LessonCatalog.All.FirstOrDefault(lesson => lesson.Number.ToString(CultureInfo.InvariantCulture) == wanted
            || lesson.File == wanted || Path.GetFileNameWithoutExtension(lesson.File) == wanted)
        ?? throw new BadInputException($"There is no lesson {wanted}: they have the numbers 1 to {LessonCatalog.All.Count}, and 'dmsim learn' lists them.");

    private static int Play(Lesson lesson)
    {
        bool waits = !Console.IsInputRedirected && !Console.IsOutputRedirected;
        var play = new LessonPlay(lesson, waits, waits && Console.WindowWidth > 0 ? Console.WindowWidth : PlainWidth);
        var machine = new ModelMachine(KernelProfile.Linux61, fairScheduler: true);
        return HostedRun.Run(new HostedProgram(play.Command, VirtualTime: true)
        {
            Machine = machine,
            Files = play.Files(),
            LiveFiles = new Dictionary<string, Func<string>> { ["picture"] = () => play.Picture(machine) },
        });
    }
}
