using System.Diagnostics;
using System.Text.RegularExpressions;
using DmSim.Cli.Lessons;
using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>dmsim learn [N]: the lessons of examples/, step by step.</summary>
public sealed partial class LearnVerbTests
{
    [Test]
    public void Without_a_number_the_lessons_are_listed()
    {
        var (status, output, errors) = Dmsim.Run(null, "learn");
        Assert.That((status, errors), Is.EqualTo((0, "")));
        Assert.That(output, Does.StartWith("  1  a first mapped device\n  2  concatenation, many pieces make one device\n"));
        Assert.That(output, Does.Contain("\n 14  LVM, and what it does underneath\n"));
    }

    [TestCase("0")]
    [TestCase("15")]
    [TestCase("lvm2")]
    public void A_lesson_that_there_is_not_is_refused_in_a_sentence(string wanted) =>
        Assert.That(Dmsim.Run(null, "learn", wanted), Is.EqualTo((4, "",
            $"dmsim: There is no lesson {wanted}: they have the numbers 1 to 14, and 'dmsim learn' lists them.\n")));

    /// <summary>The numbers have no gap; each step has words, and its commands are whole: bash finds no mistake in them alone.</summary>
    [Test]
    public void All_scripts_of_examples_are_lessons()
    {
        Assert.That(LessonCatalog.All.Select(lesson => lesson.Number), Is.EqualTo(Enumerable.Range(1, LessonCatalog.All.Count)));
        Assert.That(LessonCatalog.All.Select(lesson => lesson.File),
            Is.EquivalentTo(Directory.GetFiles(Path.Combine(ScriptCorpusTests.Root, "examples"), "*.sh").Select(Path.GetFileName)));
        string list = File.ReadAllText(Path.Combine(ScriptCorpusTests.Root, "examples", "README.md"));
        foreach (var lesson in LessonCatalog.All)
        {
            Assert.That(list, Does.Contain($"| {lesson.Number} | `{lesson.File}` |"));
            Assert.That(lesson.Introduction, Has.Length.GreaterThan(80).And.Not.Contain("Runs as root"), lesson.File);
            Assert.That(lesson.Steps, Has.Count.GreaterThan(3), lesson.File);
            foreach (var step in lesson.Steps)
            {
                Assert.That(step.Text, Is.Not.Empty, lesson.File + ": " + step.Commands);
                using var bash = Process.Start(new ProcessStartInfo("bash", ["-n"]) { RedirectStandardInput = true, RedirectStandardError = true })!;
                bash.StandardInput.Write(step.Commands);
                bash.StandardInput.Close();
                Assert.That(bash.StandardError.ReadToEnd(), Is.Empty, lesson.File + ": " + step.Commands);
                bash.WaitForExit();
            }
        }
    }

    /// <summary>Nobody presses Enter there: it runs to its end, prints what the script prints, and is plain.</summary>
    [Test]
    public void In_a_pipe_every_lesson_runs_through()
    {
        HostedShell.Require();
        foreach (var lesson in LessonCatalog.All)
        {
            var (status, output, errors) = Dmsim.Run(null, "learn", lesson.File);
            Assert.That(status, Is.Zero, lesson.File + output + errors);
            Assert.That(output, Does.StartWith($"Lesson {lesson.Number}: {lesson.Title}\n").And.Contain($"This was lesson {lesson.Number}, examples/{lesson.File}."));
            Assert.That(output, Does.Not.Contain('\e'), lesson.File);
            Assert.That(output, Does.Contain("devices\n").And.Contain("loop0 7:0"), "the picture");
        }
    }

    [Test]
    public void The_picture_is_shown_when_it_has_changed()
    {
        HostedShell.Require();
        var (_, output, _) = Dmsim.Run(null, "learn", "suspend-and-swap");
        Assert.That(Picture().Count(output), Is.EqualTo(4), "the table, what is loaded, suspended, the swap; all is as after the swap at last");
        Assert.That(output, Does.Contain("moving 254:0 4 KiB active +inactive table\n").And.Contain("moving 254:0 4 KiB suspended"));
    }

    /// <summary>script(1) is the terminal. The reader runs four steps, tries a command of his own in between, and leaves.</summary>
    [Test]
    public void At_a_terminal_each_step_waits_for_Enter()
    {
        HostedShell.Require();
        using var folder = new ScratchFolder();
        var start = new ProcessStartInfo("script", ["-qec", $"dotnet {Path.Combine(AppContext.BaseDirectory, "dmsim.dll")} learn 1", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["TMPDIR"] = folder.Path, ["TERM"] = "xterm" },
        };
        using var terminal = Process.Start(start)!;
        var shown = new System.Text.StringBuilder();
        string Until(string prompt)
        {
            int from = shown.Length;
            while (!shown.ToString(from, shown.Length - from).Contains(prompt))
            {
                int letter = terminal.StandardOutput.Read();
                Assert.That(letter, Is.Not.EqualTo(-1), shown.ToString());
                shown.Append((char)letter);
            }
            return shown.ToString(from, shown.Length - from);
        }
        const string prompt = "or a command of your own: ";
        Assert.That(Until(prompt), Does.Contain("Lesson 1").And.Contain("blockdev --getsz").And.Not.Contain("2048\r\n"));
        terminal.StandardInput.Write("\n");
        Assert.That(Until(prompt), Does.Contain("2048\r\n").And.Contain("\e[").And.Contain("unused"));
        terminal.StandardInput.Write("echo mine: $disk; dmsetup create own --table '0 8 zero'; false\n");
        Assert.That(Until(prompt), Does.Contain("mine: /dev/loop0\r\n").And.Contain("(status 1)\r\n").And.Contain("own"));
        terminal.StandardInput.Write("\n");
        Assert.That(Until(prompt), Does.Contain("window").And.Contain("254:1"));
        terminal.StandardInput.Write("q\n");
        terminal.WaitForExit();
        Assert.That(terminal.ExitCode, Is.Zero);
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Is.Empty, "the lesson has taken its files away");
    }

    [GeneratedRegex("^devices$", RegexOptions.Multiline)]
    private static partial Regex Picture();
}
