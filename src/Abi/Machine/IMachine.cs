using System.Buffers;

namespace DmSim.Abi;

/// <summary>
/// One Linux machine, as user space sees its device-mapper. Implementations: ModelMachine (src/Model), VmMachine and
/// LocalMachine (src/Kernel). Everything above this interface is written once and cannot tell which one it talks to.
/// </summary>
/// <remarks>
/// What can block in the kernel (a wait, a suspend, I/O to a suspended device) is a task that is not yet completed;
/// being still pending is an observation too. A refusal is a value (<see cref="Errno"/>), never an exception.
/// </remarks>
public interface IMachine : IAsyncDisposable
{
    /// <summary>
    /// ioctl(2) on /dev/mapper/control with raw bytes. The buffer is what user space passed: the kernel reads the header's
    /// data_size to learn how much of it to take, and writes its reply back in place, never past its end.
    /// </summary>
    /// <param name="request">The whole 32-bit ioctl request number, e.g. <c>DmCommand.DM_VERSION.Request()</c>.</param>
    /// <param name="buffer">At least 312 bytes for anything but EFAULT to come back.</param>
    ValueTask<Errno> ControlAsync(uint request, Memory<byte> buffer);

    /// <summary>The same on the caller's own thread, also where the machine has others for commands that may sleep.</summary>
    ValueTask<Errno> ControlHereAsync(uint request, Memory<byte> buffer) => ControlAsync(request, buffer);

    /// <summary>
    /// Names of device-mapper's functions that ran for the first time since this was asked before: what a guided fuzzer is after. Empty
    /// where the machine does not follow its functions.
    /// </summary>
    IReadOnlyList<string> TakeNewFunctions() => [];

    /// <summary>poll(2) on /dev/mapper/control: true when an event came after the last DM_DEV_ARM_POLL.</summary>
    bool PollControl();

    /// <summary>open(2) of a block device node with O_DIRECT. The handle holds the open count until disposed.</summary>
    Errno Open(DeviceNumber device, OpenMode mode, out IOpenDevice? handle);

    /// <summary>What a read of a file below /sys/dev/block/M:m gives, such as "stat" or "queue/nomerges". ENOENT where there is none.</summary>
    Errno ReadAttribute(DeviceNumber device, string path, out string text)
    {
        text = "";
        return Errno.ENOENT;
    }

    /// <summary>A write of all the text to such a file, opened as a shell's redirection opens it.</summary>
    ValueTask<Errno> WriteAttributeAsync(DeviceNumber device, string path, string text) => new(Errno.ENOENT);

    ILoopDevices Loops { get; }
    IMachineClock Clock { get; }
    IKernelLog Log { get; }
    IUevents Uevents { get; }

    /// <summary>
    /// Memory for reads and writes of at least so many bytes, not cleared: a machine may have some that needs no copying. Whoever rents
    /// it keeps it until the call that it was rented for has completed.
    /// </summary>
    IMemoryOwner<byte> RentBuffer(int bytes) => MemoryPool<byte>.Shared.Rent(bytes);

    /// <summary>
    /// The caller's thread makes its next calls without sleeping in between, until it disposes what it gets here: the worker threads
    /// and processes that the calls wake run after that, or when one of them sleeps. A machine with threads of its own knows without
    /// being told, and answers null.
    /// </summary>
    IDisposable? StayAwake() => null;
}

[Flags]
public enum OpenMode
{
    Read = 1,
    Write = 2,
    ReadWrite = Read | Write,
    /// <summary>O_EXCL: claim the block device for this handle; EBUSY when something else holds it.</summary>
    Exclusive = 4,
}

/// <summary>An open block device. All I/O is O_DIRECT: offsets and lengths in bytes, EINVAL when not sector aligned.</summary>
public interface IOpenDevice : IDisposable
{
    DeviceNumber Device { get; }

    /// <summary>pread(2). Short at the end of the device, 0 past it.</summary>
    ValueTask<IoResult> ReadAsync(ulong offset, Memory<byte> data);

    /// <summary>
    /// Where the next bytes are that may be other than zero: what lies between <paramref name="offset"/> and there reads as zeros. A
    /// device that does not know says that all may be. Both ends lie between the two offsets, and on sectors.
    /// </summary>
    ValueTask<(ulong Start, ulong End)> NextDataAsync(ulong offset, ulong end) => new((offset, end));

    /// <summary>pwrite(2). Short at the end of the device, ENOSPC past it.</summary>
    ValueTask<IoResult> WriteAsync(ulong offset, ReadOnlyMemory<byte> data);

    /// <summary>BLKDISCARD.</summary>
    ValueTask<Errno> DiscardAsync(ulong offset, ulong length);

    /// <summary>BLKSECDISCARD.</summary>
    ValueTask<Errno> SecureEraseAsync(ulong offset, ulong length);

    /// <summary>BLKZEROOUT.</summary>
    ValueTask<Errno> ZeroOutAsync(ulong offset, ulong length);

    /// <summary>fsync(2).</summary>
    ValueTask<Errno> FlushAsync();

    /// <summary>Size, read-only state and queue limits, as the BLK* ioctls and /sys/dev/block/M:m/queue give them.</summary>
    DeviceLimits Limits();

    /// <summary>Size in bytes, as BLKGETSIZE64 gives it; for who needs no more of the limits.</summary>
    ulong Size => Limits().Size;
}

/// <summary>Result of a read or write: bytes moved, or an error (then Count is 0).</summary>
public readonly record struct IoResult(Errno Errno, int Count)
{
    public static IoResult Ok(int count) => new(Errno.None, count);
    public static IoResult Failed(Errno errno) => new(errno, 0);
}

/// <summary>
/// What block-layer user space can see of a device. Sizes in bytes. Sources: BLKGETSIZE64, BLKROGET, BLKSSZGET,
/// BLKPBSZGET, BLKIOMIN, BLKIOOPT, and the queue files discard_max_bytes, discard_granularity, write_zeroes_max_bytes,
/// max_sectors_kb, fua, write_cache ("write back" is true), rotational, chunk_sectors, nr_zones left out.
/// </summary>
public sealed record DeviceLimits(
    ulong Size,
    bool ReadOnly,
    uint LogicalBlockSize,
    uint PhysicalBlockSize,
    uint IoMin,
    uint IoOpt,
    int AlignmentOffset,
    ulong DiscardMaxBytes,
    ulong DiscardGranularity,
    ulong WriteZeroesMaxBytes,
    ulong ChunkSectors,
    bool WriteBackCache,
    bool Fua,
    bool Rotational);

/// <summary>Loop devices over sparse backing stores owned by the machine.</summary>
public interface ILoopDevices
{
    /// <summary>Makes a zeroed sparse backing store of <paramref name="size"/> bytes and attaches it to /dev/loop<paramref name="index"/>
    /// with LOOP_CONFIGURE.</summary>
    /// <param name="blockSize">The logical block size, in bytes; 0 leaves it to the kernel, which takes 512.</param>
    ValueTask<Errno> AttachAsync(int index, ulong size, bool readOnly, uint blockSize = 0);

    /// <summary>LOOP_CLR_FD: lazy when the device is open, as in the kernel.</summary>
    ValueTask<Errno> DetachAsync(int index);

    /// <summary>Truncates or extends the backing store and issues LOOP_SET_CAPACITY.</summary>
    ValueTask<Errno> ResizeAsync(int index, ulong size);
}

/// <summary>The machine's time. On the model it moves only here; on a kernel it is CLOCK_MONOTONIC since Reset.</summary>
public interface IMachineClock
{
    TimeSpan Now { get; }

    /// <summary>Lets time pass until Now is at least <paramref name="instant"/>; timers that fall due fire in order.</summary>
    ValueTask AdvanceToAsync(TimeSpan instant);

    /// <summary>
    /// Lets time pass until <paramref name="work"/> completes, at most until <paramref name="deadline"/>.
    /// True when it completed. This is how a blocked call is told from a slow one.
    /// </summary>
    ValueTask<bool> AdvanceUntilAsync(Task work, TimeSpan deadline);
}

public interface IKernelLog
{
    /// <summary>Lines since the last look, oldest first, without time stamp.</summary>
    IReadOnlyList<LogLine> TakeNew();
}

/// <param name="Level">Syslog level 0 (emerg) to 7 (debug).</param>
/// <param name="Text">The message as dmesg prints it after the time stamp.</param>
public readonly record struct LogLine(int Level, string Text);

public interface IUevents
{
    /// <summary>Uevents of block devices since the last look, oldest first.</summary>
    IReadOnlyList<Uevent> TakeNew();
}

/// <summary>
/// A kobject uevent of a block device: "add", "change", "remove", "move"; DEVPATH's last part (dm-0, loop1);
/// and the DM_* and other variables beyond ACTION, DEVPATH, SUBSYSTEM, MAJOR, MINOR, DEVNAME, DEVTYPE, SEQNUM and DISKSEQ,
/// sorted, "KEY=value".
/// </summary>
public sealed record Uevent(string Action, string Device, IReadOnlyList<string> Variables);
