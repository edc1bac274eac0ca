namespace DmSim.Abi;

/// <summary>
/// A machine on which real programs can live: beyond <see cref="IMachine"/>, what its user space sees of block devices through open
/// files, sysfs and /dev/loop-control, and the answers that it needs from around it. ModelMachine is one.
/// </summary>
public interface IHostedMachine : IMachine
{
    /// <summary>The kernel's release, as its profile is tagged: "6.1".</summary>
    string KernelTag { get; }

    /// <summary>current->comm of who makes the calls from now on: log lines name him.</summary>
    string CallerName { set; }

    /// <summary>What lies at a path, for tables that name devices by path. Null: only /dev/loopN and /dev/dm-N do.</summary>
    Func<string, (Errno Errno, DeviceNumber Number)>? PathLookup { set; }

    /// <summary>When the next timer of the kernel falls due, or null when none is armed.</summary>
    TimeSpan? NextTimer { get; }

    /// <summary>Called from any thread when a file outside has done what it was asked, and <see cref="HandleInterrupts"/> would go on with it.</summary>
    Action? InterruptRaised { set; }

    /// <summary>Goes on with what waited for files outside.</summary>
    void HandleInterrupts();

    /// <summary>The block devices there are, by number.</summary>
    IReadOnlyList<IBlockDeviceInfo> BlockDevices { get; }

    /// <summary>The kernel's modules, latest first.</summary>
    IReadOnlyList<ModuleInfo> Modules { get; }

    /// <summary>open(2) of a block device node, with or without O_DIRECT: each call on the handle says which.</summary>
    Errno OpenNode(DeviceNumber device, OpenMode mode, out IDeviceNode? handle);

    /// <summary>ioctl(2) on /dev/loop-control. <paramref name="result"/> is what the call returns when it succeeds.</summary>
    Errno LoopControl(uint request, ulong argument, out int result);

    /// <summary>sync(2): writes back what every device's page cache holds.</summary>
    ValueTask SyncAsync();
}

/// <summary>What sysfs says of a block device.</summary>
public interface IBlockDeviceInfo
{
    DeviceNumber Number { get; }

    /// <summary>Kernel name: loop0, loop0p1, dm-3.</summary>
    string Name { get; }

    /// <summary>For a partition the name of its disk, in whose folder its own lies; otherwise null.</summary>
    string? Disk { get; }

    /// <summary>Size in bytes.</summary>
    ulong Size { get; }

    /// <summary>What /proc/diskstats says of it behind its name.</summary>
    string Statistics { get; }

    /// <summary>Kernel names of the devices that it is built on, and of those built on it.</summary>
    IReadOnlyList<string> Slaves { get; }

    IReadOnlyList<string> Holders { get; }

    /// <summary>The attribute files below its folder: "size", "queue/rotational", "dm/name"; present ones only.</summary>
    IReadOnlyList<string> Attributes { get; }

    /// <summary>What a read of an attribute gives; null where there is none, or where a read is refused.</summary>
    string? ReadAttribute(string name);

    /// <summary>What a read that is refused answers.</summary>
    Errno ReadRefusal(string name);

    bool CanWrite(string name);

    /// <summary>What a write of that text to it answers.</summary>
    Errno WriteAttribute(string name, string text);
}

/// <summary>An open block device node as programs use it: any offset and length, ioctls.</summary>
public interface IDeviceNode : IOpenDevice
{
    /// <summary>pread(2) without O_DIRECT: through the page cache.</summary>
    ValueTask<IoResult> ReadCachedAsync(ulong offset, Memory<byte> data);

    /// <summary>pwrite(2) without O_DIRECT.</summary>
    ValueTask<IoResult> WriteCachedAsync(ulong offset, ReadOnlyMemory<byte> data);

    /// <summary>posix_fadvise(2): how the file will be read, or that a range of it will be or will not. EINVAL for advice that there is none of.</summary>
    ValueTask<Errno> AdviseAsync(int advice, ulong offset, ulong length);

    /// <summary>Whether closing this file would write back what was written through memory: it is the device's last, and there is something.</summary>
    bool WritesBackAtClose { get; }

    /// <summary>The part of the last close that may take its time; <see cref="IDisposable.Dispose"/> is the rest.</summary>
    ValueTask WriteBackAsync();

    /// <summary>fallocate(2).</summary>
    ValueTask<Errno> FallocateAsync(int mode, ulong offset, ulong length);

    /// <summary>ioctl(2).</summary>
    /// <param name="request">One of <see cref="BlockIoctl"/>, or anything else.</param>
    /// <param name="argument">The third argument as a number.</param>
    /// <param name="bytes">What lies there: as many bytes as <see cref="BlockIoctls.ArgumentBytes"/> says; answers are put in place.</param>
    /// <param name="file">For LOOP_CONFIGURE, LOOP_SET_FD and LOOP_CHANGE_FD, the file of that descriptor; null when it is not open.</param>
    ValueTask<Errno> IoctlAsync(uint request, ulong argument, Memory<byte> bytes, IBackingFile? file);
}

/// <summary>A file of whoever runs the machine, to stand behind a loop device. Disposed when no loop device uses it any more.</summary>
public interface IBackingFile : IDisposable
{
    /// <summary>Where it lies now, as d_path says; a deleted one's ends in " (deleted)".</summary>
    string Path { get; }

    /// <summary>st_dev (as LOOP_GET_STATUS64 has it) and st_ino.</summary>
    ulong Device { get; }

    ulong Inode { get; }

    /// <summary>Whether it is a regular file.</summary>
    bool IsRegular { get; }

    /// <summary>Whether the descriptor can be written to.</summary>
    bool IsWritable { get; }

    /// <summary>Set when the descriptor is itself a device node of the machine.</summary>
    DeviceNumber? Node { get; }

    ulong Length { get; }

    /// <summary>What lies past the end reads as zeros; counted are the bytes before it.</summary>
    IoResult Read(ulong offset, Span<byte> data);

    Errno Write(ulong offset, ReadOnlySpan<byte> data);

    /// <summary>
    /// Begins a write of pieces that follow each other, and answers at once; false when it cannot, and nothing has been begun. All else that is
    /// asked of the file waits for it.
    /// </summary>
    /// <param name="offset">Where the first goes.</param>
    /// <param name="pieces">The caller keeps them until they are written.</param>
    /// <param name="written">Called from any thread when it is done.</param>
    bool TryWriteLater(ulong offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces, Action<Errno> written) => false;

    /// <summary>Waits for all that was begun.</summary>
    void Settle() { }

    /// <summary>FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE.</summary>
    Errno PunchHole(ulong offset, ulong length);
}
