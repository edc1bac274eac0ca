using System.Text;
using DmSim.Abi;
using DmSim.Kernel.Interop;
using DmSim.Kernel.Vm;

namespace DmSim.Kernel.Local;

/// <summary>
/// Uevents as the kernel multicasts them: "action@devpath", then KEY=value strings, each ended by a zero
/// (lib/kobject_uevent.c, uevent_net_broadcast_untagged, 6.1). They are queued before the call that causes them returns.
/// </summary>
internal sealed class UeventReader : IUevents, IDisposable
{
    /// <summary>struct kobj_uevent_env holds 2048 bytes (UEVENT_BUFFER_SIZE); the head line comes on top.</summary>
    private const int LongestEvent = 8192;

    private const int ReceiveBufferBytes = 8 << 20;

    /// <summary>Known from the event's other fields, or different from run to run.</summary>
    private static readonly HashSet<string> LeftOut =
        ["ACTION", "DEVPATH", "SUBSYSTEM", "MAJOR", "MINOR", "DEVNAME", "DEVTYPE", "SEQNUM", "DISKSEQ"];

    private readonly byte[] _buffer = new byte[LongestEvent];
    private int _fd;

    private UeventReader(int fd) => _fd = fd;

    public static UeventReader Open()
    {
        var errno = Libc.OpenUeventSocket(ReceiveBufferBytes, out int fd);
        return errno == Errno.None ? new UeventReader(fd)
            : throw new SetupException($"The socket for the kernel's uevents cannot be opened ({errno}): become root.");
    }

    public IReadOnlyList<Uevent> TakeNew()
    {
        List<Uevent>? events = null;
        while (true)
        {
            var result = Libc.Read(_fd, _buffer);
            // ENOBUFS: the queue overflowed and says so once.
            if (result.Errno == Errno.ENOBUFS)
                continue;
            if (result.Errno != Errno.None)
                return events ?? (IReadOnlyList<Uevent>)[];
            if (Parse(_buffer.AsSpan(0, result.Count)) is { } uevent)
                (events ??= []).Add(uevent);
        }
    }

    /// <summary>The event of a message; null when it is of no block device.</summary>
    internal static Uevent? Parse(ReadOnlySpan<byte> message)
    {
        string action = "", device = "";
        bool block = false;
        var variables = new List<string>();
        foreach (string entry in Encoding.Latin1.GetString(message).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = entry.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                continue;
            string key = entry[..equals], value = entry[(equals + 1)..];
            if (key == "SUBSYSTEM")
                block = value == "block";
            else if (key == "ACTION")
                action = value;
            else if (key == "DEVPATH")
                device = value[(value.LastIndexOf('/') + 1)..];
            if (!LeftOut.Contains(key))
                variables.Add(entry);
        }
        variables.Sort(StringComparer.Ordinal);
        return block ? new Uevent(action, device, variables) : null;
    }

    public void Dispose()
    {
        int closing = Interlocked.Exchange(ref _fd, -1);
        if (closing >= 0)
            Libc.Close(closing);
    }
}
