using System.Text;

namespace DmSim.Kernel.Vm;

/// <summary>The guest's serial console: its last lines, and the first crash seen on it.</summary>
public sealed class GuestConsole
{
    private const int KeptLines = 4000;
    private const int LongestLine = 4096;

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();
    private readonly StringBuilder _line = new();
    private readonly GuestCrashDetector _detector = new();

    /// <summary>The first crash that the kernel reported on the console; null when none was.</summary>
    public GuestCrash? Crash
    {
        get
        {
            lock (_lock)
                return _detector.Crash;
        }
    }

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyList<string> Tail(int count = KeptLines)
    {
        lock (_lock)
            return [.. _lines.Skip(Math.Max(0, _lines.Count - count))];
    }

    /// <summary>Forgets lines and crash: what the guest prints from now on belongs to a new case.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _lines.Clear();
            _line.Clear();
            _detector.Reset();
        }
    }

    /// <summary>Reads until the end of the stream; each byte also goes to <paramref name="copy"/>.</summary>
    internal async Task DrainAsync(Stream console, Stream? copy)
    {
        byte[] buffer = new byte[4096];
        int count;
        while ((count = await console.ReadAsync(buffer)) > 0)
        {
            copy?.Write(buffer, 0, count);
            Add(buffer.AsSpan(0, count));
        }
        lock (_lock)
            EndLine();
    }

    internal void Add(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            foreach (byte b in bytes)
            {
                if (b == '\n' || _line.Length == LongestLine)
                    EndLine();
                if (b is >= 0x20 and < 0x7f or (byte)'\t')
                    _line.Append((char)b);
            }
        }
    }

    private void EndLine()
    {
        if (_line.Length == 0)
            return;
        string line = _line.ToString();
        _line.Clear();
        if (_lines.Count == KeptLines)
            _lines.Dequeue();
        _lines.Enqueue(line);
        _detector.Add(line);
    }
}
