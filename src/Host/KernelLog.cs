using System.Globalization;
using System.Text;

namespace DmSim.Host;

/// <summary>A record of the kernel's log. Priority is the level, and eight times the facility.</summary>
internal readonly record struct LogRecord(long Sequence, TimeSpan Time, int Priority, string Text);

/// <summary>
/// The simulated kernel's log as /dev/kmsg and syslog(2) show it (kernel/printk/printk.c, 6.1). Text is one char per byte.
/// </summary>
internal sealed class KernelLog
{
    /// <summary>What a kernel of Debian's keeps (CONFIG_LOG_BUF_SHIFT 17) holds about so many lines.</summary>
    private const int Kept = 1500;

    public const int BufferBytes = 1 << 17;

    private readonly Queue<LogRecord> _records = new();
    private readonly List<Func<bool>> _readers = [];
    private bool _news;

    /// <summary>The number of the next record.</summary>
    public long Next { get; private set; }

    /// <summary>SYSLOG_ACTION_CLEAR: what is older is not shown to who asks from here.</summary>
    public long Cleared { get; private set; }

    public void Clear() => Cleared = Next;

    public void Add(TimeSpan time, int priority, string text)
    {
        _records.Enqueue(new LogRecord(Next++, time, priority, text));
        if (_records.Count > Kept)
            _records.Dequeue();
        _news = true;
    }

    public long Oldest => _records.TryPeek(out var oldest) ? oldest.Sequence : Next;

    public LogRecord? Find(long sequence) =>
        sequence < Oldest || sequence >= Next ? null : _records.ElementAt((int)(sequence - Oldest));

    public IEnumerable<LogRecord> From(long sequence) => _records.Where(record => record.Sequence >= sequence);

    /// <summary>Somebody who reads until there is a record: asked again after every new one, until he answers true.</summary>
    public void Wait(Func<bool> reader) => _readers.Add(reader);

    /// <summary>Asks those that wait, when there is news.</summary>
    public void TellReaders()
    {
        if (!_news)
            return;
        _news = false;
        _readers.RemoveAll(reader => reader());
    }

    /// <summary>msg_print_ext_header and msg_print_ext_body: what one read of /dev/kmsg gives.</summary>
    public static byte[] ToKmsg(LogRecord record)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{record.Priority},{record.Sequence},{record.Time.Ticks / 10},-;");
        foreach (char c in record.Text)
        {
            if (c is < ' ' or >= (char)127 or '\\')
                line.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
            else
                line.Append(c);
        }
        return Encoding.Latin1.GetBytes(line.Append('\n').ToString());
    }

    /// <summary>record_print_text: as syslog(2) gives it, each line of the text with its prefix.</summary>
    public static string ToSyslog(LogRecord record)
    {
        string prefix = string.Create(CultureInfo.InvariantCulture,
            $"<{record.Priority}>[{(long)record.Time.TotalSeconds,5}.{record.Time.Ticks / 10 % 1000000:D6}] ");
        return string.Concat(record.Text.Split('\n').Select(line => prefix + line + "\n"));
    }
}
