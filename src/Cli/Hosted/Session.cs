using System.Globalization;
using DmSim.Abi;
using DmSim.Host;
using DmSim.Model.Machine;
using DmSim.Model.Reasons;
using DmSim.Model.Views;
using DmSim.Pictures;
using Spectre.Console;

namespace DmSim.Cli.Hosted;

/// <summary>
/// What DmSim knows of the programs on a simulated machine, and what it answers them: why something was refused, pictures, the story
/// so far.
/// </summary>
internal sealed class Session : IHostObserver
{
    private readonly ModelMachine _machine;
    private readonly RefusalNotes _notes = new();
    private readonly SessionStory _story;
    private Refusal? _refusal;

    public Session(ModelMachine machine)
    {
        _machine = machine;
        _story = new SessionStory(machine);
        machine.WatchRefusals().Refused += refusal => _refusal = refusal;
    }

    public void Logged(LogLine line)
    {
        _notes.Heard(line);
        _story.Logged(line);
    }

    public void ControlDone(HostCaller caller, uint request, byte[] sent, Errno errno)
    {
        var refusal = errno == Errno.None ? null : _refusal;
        _refusal = null;
        if (refusal is not null)
            _notes.Add(caller.Session, refusal);
        _story.Add(caller, request, sent, errno, refusal);
    }

    public void LoopChanged(HostCaller caller, string device, string? file) =>
        _story.Add(file is null ? $"{caller.Name}: detach {device}" : $"{caller.Name}: attach {device} to {file}");

    public void Wrote(HostCaller caller, string device, ulong bytes) =>
        _story.Add(string.Create(CultureInfo.InvariantCulture, $"{caller.Name}: wrote {bytes} bytes to {NameOf(device)}"));

    /// <summary>The name that people gave it, where there is one.</summary>
    private string NameOf(string device) => _machine.Kernel.Devices.Mapped.FirstOrDefault(mapped => mapped.Name == device)?.MapName ?? device;

    /// <summary>Answers a question from inside; its words are those that <see cref="InsideMachine"/> sends.</summary>
    public HostAnswer Answer(HostCaller caller, string[] words)
    {
        switch (words[0])
        {
            case "why":
                return new HostAnswer(0, _notes.Take(caller.Session, failed: words.ElementAtOrDefault(1) != "0"));
            case "show" when words.Length > 2 && int.TryParse(words[1], out int width):
                return Picture(words[3..], view => Text(view, width, colors: words[2] == "colors"));
            case "svg":
                return Picture(words[1..], SvgPicture.Write);
            case "story":
                return new HostAnswer(0, HtmlStory.Write(words.ElementAtOrDefault(1) is { Length: > 0 } title ? title : "dmsim", _story.Steps));
            default:
                return new HostAnswer((int)ExitCode.BadInput, $"there is no question {words[0]} here: is this dmsim as old as the shell that it runs in?");
        }
    }

    private HostAnswer Picture(string[] devices, Func<MachineView, string> draw)
    {
        var view = _machine.View();
        if (devices.Length == 0)
            return new HostAnswer(0, draw(view));
        string[] names = [.. devices.Select(device => device.Split('/')[^1])];
        if (Array.FindIndex(names, name => !view.Has(name)) is >= 0 and var missing)
            return new HostAnswer((int)ExitCode.BadInput, $"There is no device {devices[missing]} on this machine: \"dmsetup ls\" lists those there are.");
        return new HostAnswer(0, draw(view.Only(names)));
    }

    private static string Text(MachineView view, int width, bool colors) =>
        ConsoleText.Draw(width, colors ? ColorSystemSupport.EightBit : ColorSystemSupport.NoColors, console => TextPicture.Write(console, view));
}
