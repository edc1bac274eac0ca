using System.Text;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Host;

/// <summary>An open file of the tree. Offsets and lengths in bytes; used inside the <see cref="Simulation"/> only.</summary>
internal abstract class OpenFile
{
    /// <param name="offset">Where the kernel's file position is.</param>
    /// <param name="data">Where the bytes go.</param>
    /// <param name="flags">f_flags of now: O_DIRECT, O_NONBLOCK.</param>
    public virtual ValueTask<IoResult> ReadAsync(ulong offset, Memory<byte> data, int flags) => new(IoResult.Failed(Errno.EINVAL));

    public virtual ValueTask<IoResult> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, int flags) => new(IoResult.Failed(Errno.EINVAL));

    public virtual ValueTask<Errno> SyncAsync() => new(Errno.EINVAL);

    public virtual ValueTask<Errno> FallocateAsync(int mode, ulong offset, ulong length) => new(Errno.EOPNOTSUPP);

    /// <summary>lseek(2) with SEEK_DATA or SEEK_HOLE.</summary>
    public virtual Errno Seek(ulong offset, int whence, out ulong result)
    {
        result = 0;
        return Errno.EINVAL;
    }

    public virtual void Close() { }
}

/// <summary>A character device that knows only ioctls.</summary>
internal sealed class ControlFile : OpenFile;

/// <param name="wrote">Told at the end how many bytes were written, when any were.</param>
internal sealed class BlockFile(IDeviceNode device, Action<ulong>? wrote) : OpenFile
{
    private ulong _written;

    public override ValueTask<IoResult> ReadAsync(ulong offset, Memory<byte> data, int flags) =>
        (flags & Libc.O_DIRECT) != 0 ? device.ReadAsync(offset, data) : device.ReadCachedAsync(offset, data);

    /// <summary>Where the kernel has its file position after the last write with O_APPEND, and where a real one would have it.</summary>
    private (ulong Kernel, ulong Real) _appended = (ulong.MaxValue, 0);

    /// <summary>
    /// O_APPEND means nothing to a block device (blkdev_write_iter, block/fops.c, 6.1): it writes where the file position is. FUSE is told
    /// to write at the end instead, and its position moves there.
    /// </summary>
    /// <param name="asked">Where FUSE wants to write.</param>
    /// <param name="position">The kernel's file position before the write.</param>
    public ulong PlaceAppended(ulong asked, ulong position, ulong length)
    {
        ulong real = position == _appended.Kernel ? _appended.Real : position;
        _appended = (asked + length, real + length);
        return real;
    }

    public override ValueTask<IoResult> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, int flags)
    {
        _written += (ulong)data.Length;
        var work = (flags & Libc.O_DIRECT) != 0 ? device.WriteAsync(offset, data) : device.WriteCachedAsync(offset, data);
        return (flags & Libc.O_DSYNC) != 0 ? WriteThroughAsync(work) : work;
    }

    /// <summary>generic_write_sync: with O_SYNC or O_DSYNC a write ends with an fsync.</summary>
    private async ValueTask<IoResult> WriteThroughAsync(ValueTask<IoResult> write)
    {
        var result = await write;
        if (result.Errno != Errno.None || result.Count == 0)
            return result;
        var errno = await device.FlushAsync();
        return errno == Errno.None ? result : IoResult.Failed(errno);
    }

    public override ValueTask<Errno> SyncAsync() => device.FlushAsync();

    /// <summary>See <see cref="IDeviceNode.WritesBackAtClose"/>.</summary>
    public bool WritesBackAtClose => device.WritesBackAtClose;

    public async ValueTask<Errno> WriteBackAsync()
    {
        await device.WriteBackAsync();
        return Errno.None;
    }

    public override ValueTask<Errno> FallocateAsync(int mode, ulong offset, ulong length) => device.FallocateAsync(mode, offset, length);

    public bool IsOver(IDeviceNode handle) => device == handle;

    public override void Close()
    {
        device.Dispose();
        if (_written > 0)
            wrote?.Invoke(_written);
    }
}

/// <summary>A text as it was when the file was opened; null where it cannot be read.</summary>
internal sealed class TextFile(TextNode node, byte[]? text) : OpenFile
{
    public override ValueTask<IoResult> ReadAsync(ulong offset, Memory<byte> data, int flags)
    {
        if (text is null)
            return new(IoResult.Failed(node.Refusal));
        if (offset >= (ulong)text.Length)
            return new(IoResult.Ok(0));
        int count = Math.Min(data.Length, text.Length - (int)offset);
        text.AsSpan((int)offset, count).CopyTo(data.Span);
        return new(IoResult.Ok(count));
    }

    public override ValueTask<IoResult> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, int flags)
    {
        var errno = node.Write?.Invoke(Encoding.UTF8.GetString(data.Span)) ?? Errno.EACCES;
        return new(errno == Errno.None ? IoResult.Ok(data.Length) : IoResult.Failed(errno));
    }
}

/// <summary>/dev/kmsg: one read, one record (kernel/printk/printk.c, devkmsg_read, 6.1).</summary>
internal sealed class KmsgFile(Simulation simulation) : OpenFile
{
    private const int UserFacility = 1 << 3;
    private const int DefaultLevel = 4;

    /// <summary>From this offset on the file position was set by lseek to the end.</summary>
    public const ulong End = 1UL << 40;

    private long _at = simulation.Log.Oldest;
    private bool _atEnd;

    public override ValueTask<IoResult> ReadAsync(ulong offset, Memory<byte> data, int flags)
    {
        if (offset >= End && !_atEnd)
        {
            _atEnd = true;
            _at = simulation.Log.Next;
        }
        var log = simulation.Log;
        if (log.Find(_at) is { } record)
            return new(Give(record, data));
        if (_at < log.Oldest)
        {
            _at = log.Oldest;
            return new(IoResult.Failed(Errno.EPIPE));
        }
        if ((flags & Libc.O_NONBLOCK) != 0)
            return new(IoResult.Failed(Errno.EAGAIN));
        var waiting = new TaskCompletionSource<IoResult>();
        log.Wait(() =>
        {
            if (log.Find(_at) is not { } news)
                return false;
            waiting.SetResult(Give(news, data));
            return true;
        });
        return new(waiting.Task);
    }

    private IoResult Give(LogRecord record, Memory<byte> data)
    {
        byte[] line = KernelLog.ToKmsg(record);
        if (line.Length > data.Length)
            return IoResult.Failed(Errno.EINVAL);
        line.CopyTo(data);
        _at = record.Sequence + 1;
        return IoResult.Ok(line.Length);
    }

    /// <summary>devkmsg_write: a line of a program's, with its priority in front where it gives one.</summary>
    public override ValueTask<IoResult> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, int flags)
    {
        string text = Encoding.Latin1.GetString(data.Span);
        int priority = UserFacility | DefaultLevel;
        int end = text.IndexOf('>', StringComparison.Ordinal);
        if (text.StartsWith('<') && end > 1 && int.TryParse(text.AsSpan(1, end - 1), out int given))
        {
            priority = given >> 3 == 0 ? UserFacility | (given & 7) : given;
            text = text[(end + 1)..];
        }
        simulation.Log.Add(simulation.Machine.Clock.Now, priority, text.TrimEnd('\n'));
        return new(IoResult.Ok(data.Length));
    }

    /// <summary>devkmsg_llseek: SEEK_DATA goes to where the log was last cleared, SEEK_SET to its start.</summary>
    public override Errno Seek(ulong offset, int whence, out ulong result)
    {
        result = 0;
        if (offset != 0 || whence != Libc.SEEK_DATA)
            return Errno.EINVAL;
        _at = Math.Max(simulation.Log.Cleared, simulation.Log.Oldest);
        _atEnd = false;
        return Errno.None;
    }
}

internal sealed class BytesFile(BytesNode node) : OpenFile
{
    public override ValueTask<IoResult> ReadAsync(ulong offset, Memory<byte> data, int flags)
    {
        if (offset >= node.Size)
            return new(IoResult.Ok(0));
        int count = (int)Math.Min((ulong)data.Length, node.Size - offset);
        node.Bytes.AsSpan((int)offset, count).CopyTo(data.Span);
        return new(IoResult.Ok(count));
    }

    public override ValueTask<IoResult> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, int flags)
    {
        if ((flags & Libc.O_APPEND) != 0)
            offset = node.Size;
        const ulong largest = 64 << 20;
        if (offset + (ulong)data.Length > largest)
            return new(IoResult.Failed(Errno.ENOSPC));
        if (offset + (ulong)data.Length > node.Size)
            node.Resize(offset + (ulong)data.Length);
        data.Span.CopyTo(node.Bytes.AsSpan((int)offset));
        return new(IoResult.Ok(data.Length));
    }

    public override ValueTask<Errno> SyncAsync() => new(Errno.None);
}

/// <summary>A folder as it was when it was opened.</summary>
internal sealed class FolderFile(IReadOnlyList<(string Name, TreeNode Node)> entries) : OpenFile
{
    public IReadOnlyList<(string Name, TreeNode Node)> Entries { get; } = entries;
}
