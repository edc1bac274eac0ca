using DmSim.Abi;
using DmSim.Model.Devices;
using DmSim.Model.Ioctl;
using DmSim.Model.Machine;

namespace DmSim.Model.Reasons;

/// <summary>Remembers the last request that a simulated machine refused, and knows why: it can look where the log cannot.</summary>
public sealed class RefusalWatch
{
    private readonly SimulatedKernel _kernel;
    private List<LogLine> _lines = [];

    internal RefusalWatch(SimulatedKernel kernel)
    {
        _kernel = kernel;
        kernel.Log.Written = line => _lines.Add(line);
        kernel.WatchesRefusals = true;
    }

    /// <summary>The last refusal; null before the first, and after a request that was granted.</summary>
    public Refusal? Last { get; private set; }

    /// <summary>Told of every refusal.</summary>
    public event Action<Refusal>? Refused;

    /// <summary>Before a request.</summary>
    internal void Begin()
    {
        _lines = [];
        _kernel.RefusedLine = null;
        Last = null;
    }

    /// <summary>After a request.</summary>
    internal void End(uint request, ReadOnlySpan<byte> buffer, Errno errno)
    {
        if (errno == Errno.None)
            return;
        var command = (DmCommand)(request & 0xff);
        Last = Refusal.Of(command, errno, _lines, Facts(command, buffer));
        Refused?.Invoke(Last);
    }

    /// <summary>What is known of a refused request; its buffer is as user space made it.</summary>
    private Dictionary<string, string> Facts(DmCommand command, ReadOnlySpan<byte> buffer)
    {
        var facts = new Dictionary<string, string>();
        if (buffer.Length >= DmIoctl.Size)
        {
            var header = new DmIoctl(buffer.ToArray());
            facts["name"] = NameOf(header);
            if (Find(header) is { } device)
                facts["users"] = UsersOf(device);
            if (command == DmCommand.DM_TARGET_MSG && header.DataStart + DmTargetMsg.MessageOffset < (uint)buffer.Length)
                facts["message"] = CStrings.ToText(CStrings.Until0(buffer[((int)header.DataStart + DmTargetMsg.MessageOffset)..]));
        }
        if (_kernel.RefusedLine is { } line)
        {
            facts["line"] = line;
            string[] words = line.Split(' ', 4);
            facts["type"] = words.Length > 2 ? words[2] : "";
            facts["words"] = words.Length > 3 ? words[3] : "";
        }
        return facts;
    }

    private static string NameOf(DmIoctl header)
    {
        if (header.NameField[0] != 0)
            return CStrings.ToText(CStrings.Until0(header.NameField));
        if (header.UuidField[0] != 0)
            return "with the uuid " + CStrings.ToText(CStrings.Until0(header.UuidField));
        return header.Dev != 0 ? DeviceNumber.Decode(header.Dev).ToString() : "without a name";
    }

    private MappedDevice? Find(DmIoctl header)
    {
        string name = CStrings.ToText(CStrings.Until0(header.NameField)), uuid = CStrings.ToText(CStrings.Until0(header.UuidField));
        var number = DeviceNumber.Decode(header.Dev);
        return _kernel.Devices.Mapped.FirstOrDefault(device => device.Cell is { } cell
            && (name.Length > 0 ? CStrings.ToText(cell.Name) == name
                : uuid.Length > 0 ? cell.Uuid is { } its && CStrings.ToText(its) == uuid
                : device.Number == number));
    }

    /// <summary>"d1 lies on it", "opened 2 times", or both.</summary>
    private string UsersOf(MappedDevice device)
    {
        var above = _kernel.Devices.Mapped.Where(other => Tables(other).Any(table => table.Devices.Any(d => d.Device == device)))
            .Select(other => other.Cell is { } cell ? CStrings.ToText(cell.Name) : other.Name).ToArray();
        int opened = device.OpenCount - above.Length;
        string lie = above.Length == 0 ? "" : $"{string.Join(", ", above)} {(above.Length == 1 ? "lies" : "lie")} on it";
        string open = opened <= 0 ? "" : opened == 1 ? "it is open once" : $"it is open {opened} times";
        return lie.Length > 0 && open.Length > 0 ? $"{lie}, {open}" : lie.Length > 0 ? lie : open.Length > 0 ? open : "it is on its way out";
    }

    private static IEnumerable<Table> Tables(MappedDevice device) =>
        new[] { device.LiveTable, device.InactiveTable }.OfType<Table>();
}
