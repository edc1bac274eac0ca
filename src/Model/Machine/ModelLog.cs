using DmSim.Abi;

namespace DmSim.Model.Machine;

/// <summary>
/// The simulated kernel's ring buffer. Text is one char per byte, as it lies in the record: nothing is escaped, and a line feed
/// may be inside. DMERR, DMWARN and DMINFO add the prefix "device-mapper: MODULE: ".
/// </summary>
public sealed class ModelLog : IKernelLog
{
    /// <summary>
    /// What is left of LOG_LINE_MAX (992 without CONFIG_PRINTK_CALLER) for text: two bytes of level and one zero byte less
    /// (vprintk_store, kernel/printk/printk.c, 6.1). Measured on Debian's 6.1 as well.
    /// </summary>
    private const int LongestText = 989;

    private readonly List<LogLine> _new = [];

    /// <summary>Told of every line, next to whoever takes them.</summary>
    internal Action<LogLine>? Written { get; set; }

    public void Write(int level, string text)
    {
        if (text.Length > LongestText)
            text = text[..LongestText];
        // The format's own line feed was cut off, so one at the cut is taken for it.
        if (text.Length == LongestText && text[^1] == '\n')
            text = text[..^1];
        var line = new LogLine(level, text);
        _new.Add(line);
        Written?.Invoke(line);
    }

    /// <summary>DMCRIT: level 2. The module is DM_MSG_PREFIX without "device-mapper: " ("table", "ioctl", "core"…).</summary>
    public void Crit(string module, string text) => Write(2, $"device-mapper: {module}: {text}");

    /// <summary>DMERR: level 3.</summary>
    public void Err(string module, string text) => Write(3, $"device-mapper: {module}: {text}");

    /// <summary>Why a control call is refused: DMERR, on older kernels DMWARN (<see cref="Profiles.KernelRule.RefusalsAreErrors"/>).</summary>
    public void Refusal(string module, string text) => Write(RefusalLevel, $"device-mapper: {module}: {text}");

    internal int RefusalLevel { get; init; } = 3;

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
