using System.Globalization;
using System.Text;
using DmSim.Abi;
using DmSim.Kernel.Interop;
using DmSim.Kernel.Vm;

namespace DmSim.Kernel.Local;

/// <param name="At">The kernel's time of it, since boot.</param>
public readonly record struct TimedLine(TimeSpan At, string Text);

/// <summary>
/// New records of /dev/kmsg (Documentation/ABI/testing/dev-kmsg): "priority,sequence,microseconds,flags[,…];text", then lines of
/// a dictionary that start with a space. One read, one record.
/// </summary>
internal sealed class KmsgReader : IKernelLog, IDisposable
{
    /// <summary>A record that does not fit is refused with EINVAL; the kernel makes none longer (CONSOLE_EXT_LOG_MAX).</summary>
    private const int LongestRecord = 8192 + 1024;

    private readonly byte[] _buffer = new byte[LongestRecord];
    private readonly List<TimedLine> _all = [];
    private int _fd;

    private KmsgReader(int fd) => _fd = fd;

    /// <summary>Opens the log; lines that are there already are passed over.</summary>
    public static KmsgReader Open()
    {
        var errno = Libc.Open("/dev/kmsg", Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0, out int fd);
        if (errno == Errno.None)
            errno = Libc.SeekToEnd(fd);
        return errno == Errno.None ? new KmsgReader(fd)
            : throw new SetupException($"The kernel's log /dev/kmsg cannot be read ({errno}): become root.");
    }

    /// <summary>All lines that were taken, with their times.</summary>
    public IReadOnlyList<TimedLine> All => _all;

    public IReadOnlyList<LogLine> TakeNew()
    {
        List<LogLine>? lines = null;
        while (true)
        {
            var result = Libc.Read(_fd, _buffer);
            // EPIPE: records were overwritten before we came; the next read goes on with the oldest there is.
            if (result.Errno == Errno.EPIPE)
                continue;
            if (result.Errno != Errno.None || result.Count == 0)
                return lines ?? (IReadOnlyList<LogLine>)[];
            int before = (lines ??= []).Count;
            Add(lines, _buffer.AsSpan(0, result.Count));
            if (lines.Count > before)
                _all.Add(new TimedLine(TimeOf(_buffer.AsSpan(0, result.Count)), lines[^1].Text));
        }
    }

    /// <summary>
    /// Adds a record. Records of other facilities than the kernel's come from user space and are none of ours; a fragment (flag
    /// 'c') continues the line before it.
    /// </summary>
    internal static void Add(List<LogLine> lines, ReadOnlySpan<byte> record)
    {
        int semicolon = record.IndexOf((byte)';');
        if (semicolon < 0 || !System.Buffers.Text.Utf8Parser.TryParse(record, out uint priority, out int digits)
            || digits >= semicolon || priority > 7)
            return;
        var text = record[(semicolon + 1)..];
        int end = text.IndexOf((byte)'\n');
        string line = Unescape(end < 0 ? text : text[..end]);
        if (IsFragment(record[..semicolon]) && lines.Count > 0)
            lines[^1] = lines[^1] with { Text = lines[^1].Text + line };
        else
            lines.Add(new LogLine((int)priority, line));
    }

    /// <summary>The third number of a record, in microseconds.</summary>
    internal static TimeSpan TimeOf(ReadOnlySpan<byte> record)
    {
        for (int comma = 0; comma < 2; comma++)
            record = record[(record.IndexOf((byte)',') + 1)..];
        return System.Buffers.Text.Utf8Parser.TryParse(record, out long microseconds, out _)
            ? TimeSpan.FromMicroseconds(microseconds) : TimeSpan.Zero;
    }

    private static bool IsFragment(ReadOnlySpan<byte> prefix)
    {
        for (int comma = 0; comma < 3; comma++)
        {
            int next = prefix.IndexOf((byte)',');
            if (next < 0)
                return false;
            prefix = prefix[(next + 1)..];
        }
        return !prefix.IsEmpty && prefix[0] == (byte)'c';
    }

    /// <summary>
    /// Undoes \xNN, in which the kernel writes everything outside printable ASCII (kernel/printk/printk.c, msg_add_ext_text, 6.1).
    /// Each byte becomes the character of the same number.
    /// </summary>
    internal static string Unescape(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf((byte)'\\') < 0)
            return Encoding.Latin1.GetString(text);
        var line = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text[i + 1] == 'x' && byte.TryParse(text.Slice(i + 2, 2),
                NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            {
                line.Append((char)value);
                i += 3;
            }
            else
            {
                line.Append((char)text[i]);
            }
        }
        return line.ToString();
    }

    public void Dispose()
    {
        int closing = Interlocked.Exchange(ref _fd, -1);
        if (closing >= 0)
            Libc.Close(closing);
    }
}
