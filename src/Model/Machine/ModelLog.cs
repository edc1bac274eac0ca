using DmSim.Abi;

namespace DmSim.Model.Machine;

/// <summary>The simulated kernel's ring buffer. DMERR, DMWARN and DMINFO add the prefix "device-mapper: MODULE: ".</summary>
public sealed class ModelLog : IKernelLog
{
    private readonly List<LogLine> _new = [];

    public void Write(int level, string text) => _new.Add(new LogLine(level, text));

    /// <summary>DMERR: level 3. The module is DM_MSG_PREFIX without "device-mapper: " ("table", "ioctl", "core"…).</summary>
    public void Err(string module, string text) => Write(3, $"device-mapper: {module}: {text}");

    /// <summary>DMWARN: level 4.</summary>
    public void Warn(string module, string text) => Write(4, $"device-mapper: {module}: {text}");

    /// <summary>DMINFO: level 6.</summary>
    public void Info(string module, string text) => Write(6, $"device-mapper: {module}: {text}");

    public IReadOnlyList<LogLine> TakeNew()
    {
        if (_new.Count == 0)
            return [];
        var lines = _new.ToArray();
        _new.Clear();
        return lines;
    }
}
