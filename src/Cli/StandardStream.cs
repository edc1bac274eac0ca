using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Cli;

/// <summary>
/// Standard output or error as the plain descriptor that it is. The console's own stream swallows EPIPE, and a FileStream keeps a
/// position of its own, so that whoever writes next to the same file would overwrite us.
/// </summary>
internal sealed class StandardStream : Stream
{
    public static readonly StandardStream Output = new(1), Errors = new(2);

    private readonly int _descriptor;

    private StandardStream(int descriptor) => _descriptor = descriptor;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush() { }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <exception cref="IOException">The errno is its HResult, as .NET has it on Unix.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        const int PatienceMilliseconds = 1000;
        while (buffer.Length > 0)
        {
            var written = Libc.Write(_descriptor, buffer);
            if (written.Errno == Errno.EAGAIN)
                Libc.Poll(_descriptor, Libc.POLLOUT, PatienceMilliseconds);
            else if (written.Errno is not (Errno.None or Errno.EINTR))
                throw new IOException($"{(_descriptor == 1 ? "Standard output" : "Standard error")} cannot be written ({written.Errno}).", (int)written.Errno);
            buffer = buffer[written.Count..];
        }
    }
}
