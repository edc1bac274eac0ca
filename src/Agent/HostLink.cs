using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Agent;

/// <summary>The guest's end of the virtio-serial channel to the host.</summary>
internal sealed class HostLink : IDisposable
{
    private const string Port = "/dev/vport0p1";
    private static readonly TimeSpan PortLimit = TimeSpan.FromSeconds(10);

    private readonly int _fd;

    private HostLink(int fd) => _fd = fd;

    /// <summary>Opens the port; it appears a moment after its module was loaded.</summary>
    public static HostLink Open()
    {
        var start = Libc.MonotonicNow();
        while (true)
        {
            var errno = Libc.Open(Port, Libc.O_RDWR | Libc.O_CLOEXEC, 0, out int fd);
            if (errno == Errno.None)
                return new HostLink(fd);
            if (Libc.MonotonicNow() - start > PortLimit)
                throw new InvalidOperationException($"{Port}: {errno}");
            Libc.SleepUntil(Libc.MonotonicNow() + TimeSpan.FromMilliseconds(1));
        }
    }

    /// <summary>The next frame; null when the host has gone.</summary>
    public (LinkFrameKind Kind, uint Run, byte[] Payload)? Receive() =>
        LinkFrame.ReadAsync(memory => new ValueTask<int>(Read(memory.Span))).AsTask().GetAwaiter().GetResult();

    public void Send(LinkFrameKind kind, uint run, ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> frame = LinkFrame.Build(kind, run, payload);
        while (!frame.IsEmpty)
        {
            var result = Libc.Write(_fd, frame);
            if (result.Errno == Errno.EINTR)
                continue;
            if (result.Errno != Errno.None)
                throw new IOException($"{Port}: {result.Errno}");
            frame = frame[result.Count..];
        }
    }

    private int Read(Span<byte> buffer)
    {
        while (true)
        {
            var result = Libc.Read(_fd, buffer);
            if (result.Errno == Errno.EINTR)
                continue;
            return result.Errno == Errno.None ? result.Count : throw new IOException($"{Port}: {result.Errno}");
        }
    }

    public void Dispose() => Libc.Close(_fd);
}
