using DmSim.Abi;
using DmSim.Host;
using DmSim.Model.Machine;
using DmSim.Model.Reasons;
using DmSim.Model.Views;
using DmSim.Pictures;

namespace DmSim.Cli.Hosted;

/// <summary>The session's operations, each with the picture after it.</summary>
internal sealed class SessionStory(ModelMachine machine)
{
    /// <summary>More steps than anybody walks through; the oldest go first.</summary>
    private const int Kept = 500;

    private readonly List<StoryStep> _steps = [new("an empty machine", "ok", machine.View(), [], null)];
    private readonly List<string> _log = [];

    public IReadOnlyList<StoryStep> Steps => _steps;

    public void Logged(LogLine line) => _log.Add(line.Text);

    /// <summary>A request that was made to change something.</summary>
    /// <param name="refusal">Set when it was refused.</param>
    public void Add(HostCaller caller, uint request, byte[] sent, Errno errno, Refusal? refusal)
    {
        if (Title((DmCommand)(request & 0xff), sent) is { } title)
            Add($"{caller.Name}: {title}", errno == Errno.None ? "ok" : errno.ToString(), refusal?.Sentence);
    }

    public void Add(string title, string result = "ok", string? why = null)
    {
        _steps.Add(new StoryStep(title, result, machine.View(), [.. _log], why));
        _log.Clear();
        if (_steps.Count > Kept)
            _steps.RemoveAt(1);
    }

    /// <summary>Programs name a device by its number, too; people know it by its name.</summary>
    private string NameOf(DmIoctl header)
    {
        if (DmText.Get(header.NameField) is { Length: > 0 } name)
            return name;
        if (DmText.Get(header.UuidField) is { Length: > 0 } uuid)
            return uuid;
        var number = DeviceNumber.Decode(header.Dev);
        return machine.Kernel.Devices.Mapped.FirstOrDefault(mapped => mapped.Number == number)?.MapName ?? number.ToString();
    }

    /// <summary>In words; null for a request that only looks.</summary>
    private string? Title(DmCommand command, byte[] sent)
    {
        if (sent.Length < DmIoctl.Size)
            return null;
        var header = new DmIoctl(sent);
        string name = NameOf(header);
        var payload = header.DataStart < (uint)sent.Length ? sent.AsSpan((int)header.DataStart) : default;
        switch (command)
        {
            case DmCommand.DM_DEV_CREATE:
                return $"create {name}";
            case DmCommand.DM_DEV_REMOVE:
                return $"remove {name}";
            case DmCommand.DM_REMOVE_ALL:
                return "remove_all";
            case DmCommand.DM_DEV_RENAME:
                string to = DmText.TryGetTerminated(payload, out string text) ? text : "?";
                return (header.Flags & DmFlags.DM_UUID_FLAG) != 0 ? $"rename {name} --setuuid {to}" : $"rename {name} {to}";
            case DmCommand.DM_DEV_SUSPEND:
                return (header.Flags & DmFlags.DM_SUSPEND_FLAG) != 0 ? $"suspend {name}" : $"resume {name}";
            case DmCommand.DM_TABLE_LOAD:
                return $"load {name}  {(DmTargetSpec.TryDecodeLoad(payload, header.TargetCount, out var lines, out _) ? string.Join("; ", lines) : "?")}";
            case DmCommand.DM_TABLE_CLEAR:
                return $"clear {name}";
            case DmCommand.DM_TARGET_MSG:
                return DmTargetMsg.TryDecode(payload, out _, out string message, out _) && !message.StartsWith('@') ? $"message {name} {message}" : null;
            case DmCommand.DM_DEV_SET_GEOMETRY:
                return $"setgeometry {name}";
            default:
                return null;
        }
    }
}
