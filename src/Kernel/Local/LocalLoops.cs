using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Kernel.Local;

/// <summary>/dev/loopN over nameless sparse files.</summary>
internal sealed unsafe class LocalLoops(DeviceNodes nodes, string stores, CallWorkers workers, Action? attached = null) : ILoopDevices, IDisposable
{
    private const uint OwnerOnly = 0x180;

    /// <summary>
    /// The files behind the devices, by index. One stays open after its device was detached, because detaching is lazy: until the
    /// last user closes the device it can still be resized.
    /// </summary>
    private readonly Dictionary<int, int> _stores = [];

    public ValueTask<Errno> AttachAsync(int index, ulong size, bool readOnly, uint blockSize = 0) =>
        workers.RunAsync(() => Attach(index, size, readOnly, blockSize));

    private Errno Attach(int index, ulong size, bool readOnly, uint blockSize)
    {
        var errno = Libc.Open(stores, Libc.O_TMPFILE | Libc.O_RDWR | Libc.O_CLOEXEC, OwnerOnly, out int store);
        if (errno != Errno.None)
            return errno;
        errno = Libc.Truncate(store, size);
        if (errno == Errno.None)
            errno = Configure(index, store, readOnly, blockSize);
        if (errno != Errno.None)
        {
            Libc.Close(store);
            return errno;
        }
        lock (_stores)
        {
            if (_stores.Remove(index, out int former))
                Libc.Close(former);
            _stores.Add(index, store);
        }
        attached?.Invoke();
        return Errno.None;
    }

    private Errno Configure(int index, int store, bool readOnly, uint blockSize)
    {
        var errno = Open(index, readOnly ? Libc.O_RDONLY : Libc.O_RDWR, out int fd);
        if (errno != Errno.None)
            return errno;
        var config = new loop_config { fd = (uint)store, block_size = blockSize };
        config.info.lo_flags = readOnly ? Libc.LO_FLAGS_READ_ONLY : 0;
        errno = Libc.Ioctl(fd, Libc.LOOP_CONFIGURE, &config);
        Libc.Close(fd);
        return errno;
    }

    public ValueTask<Errno> DetachAsync(int index) => workers.RunAsync(() =>
    {
        var errno = Open(index, Libc.O_RDONLY, out int fd);
        if (errno != Errno.None)
            return errno;
        errno = Libc.Ioctl(fd, Libc.LOOP_CLR_FD, (nint)0);
        Libc.Close(fd);
        return errno;
    });

    public ValueTask<Errno> ResizeAsync(int index, ulong size) => workers.RunAsync(() =>
    {
        lock (_stores)
        {
            if (_stores.TryGetValue(index, out int store) && Libc.Truncate(store, size) is var failure and not Errno.None)
                return failure;
        }
        var errno = Open(index, Libc.O_RDONLY, out int fd);
        if (errno != Errno.None)
            return errno;
        errno = Libc.Ioctl(fd, Libc.LOOP_SET_CAPACITY, (nint)0);
        Libc.Close(fd);
        return errno;
    });

    /// <summary>The file behind an open loop device if it is one of ours, read from its beginning; otherwise null.</summary>
    public int? StoreBehind(DeviceNumber device, int fd)
    {
        lock (_stores)
        {
            loop_info64 info;
            return _stores.TryGetValue((int)device.Minor, out int store) && Libc.Ioctl(fd, Libc.LOOP_GET_STATUS64, &info) == Errno.None
                && Libc.Stat(store, "", Libc.AT_EMPTY_PATH, out var file) == Errno.None
                && info.lo_inode == file.st_ino && info.lo_device == file.st_dev && info.lo_offset == 0 ? store : null;
        }
    }

    public IReadOnlyList<int> Attached
    {
        get
        {
            lock (_stores)
                return [.. _stores.Keys.Order()];
        }
    }

    /// <summary>Takes the device itself away, not only its file. One in use stays.</summary>
    public void Remove(int index)
    {
        if (Libc.Open("/dev/loop-control", Libc.O_RDWR | Libc.O_CLOEXEC, 0, out int fd) != Errno.None)
            return;
        _ = Libc.Ioctl(fd, Libc.LOOP_CTL_REMOVE, index);
        Libc.Close(fd);
    }

    private Errno Open(int index, int access, out int fd) => nodes.OpenBlock(DeviceNumber.Loop(index), access, out fd);

    public void Dispose()
    {
        lock (_stores)
        {
            foreach (int store in _stores.Values)
                Libc.Close(store);
            _stores.Clear();
        }
    }
}
