using System.Buffers.Binary;
using System.Text;
using DmSim.Abi;

namespace DmSim.Property.Harness;

/// <summary>
/// The least machine on which the harness can be tried without the model: named devices that can be created, listed, suspended,
/// waited for and removed, and loop devices with contents. It is right only by its own rules; <see cref="Tamper"/> breaks them.
/// </summary>
internal sealed class FakeMachine : IMachine, IMachineClock, ILoopDevices, IKernelLog, IUevents
{
    private sealed class Device
    {
        public required uint Minor { get; init; }
        public required string Uuid { get; init; }
        public bool Suspended { get; set; }
        public uint EventNr { get; set; }
    }

    private readonly SortedDictionary<string, Device> _devices = new(StringComparer.Ordinal);
    private readonly Dictionary<DeviceNumber, byte[]> _loops = [];
    private readonly List<LogLine> _log = [];
    private readonly List<Uevent> _uevents = [];
    private readonly List<(string Name, TaskCompletionSource<Errno> Done)> _waits = [];
    private readonly List<(DeviceNumber Device, TaskCompletionSource Go)> _held = [];

    /// <summary>Changes the answer to a control call: gets the command, the reply buffer and the errno, answers the errno to give.</summary>
    public Func<DmCommand, Memory<byte>, Errno, Errno>? Tamper { get; init; }

    /// <summary>Changes log lines on their way out.</summary>
    public Func<LogLine, LogLine?>? TamperLog { get; init; }

    /// <summary>Changes bytes on their way to a loop device.</summary>
    public Action<byte[]>? TamperWrite { get; init; }

    /// <summary>Thrown instead of answering this command, as a bug of the machine would be.</summary>
    public DmCommand? ThrowOn { get; init; }

    public ILoopDevices Loops => this;
    public IMachineClock Clock => this;
    public IKernelLog Log => this;
    public IUevents Uevents => this;
    public TimeSpan Now { get; private set; }

    public ValueTask DisposeAsync() => default;
    public bool PollControl() => false;

    public ValueTask AdvanceToAsync(TimeSpan instant)
    {
        Now = instant > Now ? instant : Now;
        return default;
    }

    public ValueTask<bool> AdvanceUntilAsync(Task work, TimeSpan deadline)
    {
        if (!work.IsCompleted && deadline > Now)
            Now = deadline;
        return new(work.IsCompleted);
    }

    public async ValueTask<Errno> ControlAsync(uint request, Memory<byte> buffer)
    {
        var command = (DmCommand)(request & 0xff);
        if (command == ThrowOn)
            throw new InvalidOperationException("the fake was told to break");
        var errno = await AnswerAsync(command, buffer);
        return Tamper?.Invoke(command, buffer, errno) ?? errno;
    }

    private ValueTask<Errno> AnswerAsync(DmCommand command, Memory<byte> buffer)
    {
        string name = Text(new DmIoctl(buffer.Span).NameField);
        switch (command)
        {
            case DmCommand.DM_LIST_DEVICES:
                return new(List(buffer.Span));
            case DmCommand.DM_DEV_CREATE:
                return new(Create(buffer.Span, name));
            case DmCommand.DM_VERSION or DmCommand.DM_DEV_ARM_POLL:
                return new(Errno.None);
        }
        if (!_devices.TryGetValue(name, out var device))
        {
            _log.Add(new LogLine(3, $"fake: no {name}"));
            return new(Errno.ENXIO);
        }
        switch (command)
        {
            case DmCommand.DM_DEV_REMOVE:
                _devices.Remove(name);
                _uevents.Add(new Uevent("remove", $"dm-{device.Minor}", [$"DM_NAME={name}"]));
                return new(Errno.None);
            case DmCommand.DM_DEV_SUSPEND:
                Suspend(device, (new DmIoctl(buffer.Span).Flags & DmFlags.DM_SUSPEND_FLAG) != 0);
                break;
            case DmCommand.DM_TARGET_MSG:
                Raise(name, device);
                break;
            case DmCommand.DM_DEV_WAIT when new DmIoctl(buffer.Span).EventNr == device.EventNr:
                var wait = new TaskCompletionSource<Errno>();
                _waits.Add((name, wait));
                return new(wait.Task);
        }
        Describe(buffer.Span, device);
        return new(Errno.None);
    }

    private void Suspend(Device device, bool suspend)
    {
        device.Suspended = suspend;
        foreach (var held in suspend ? [] : _held.Where(h => h.Device == DeviceNumber.Dm(device.Minor)).ToArray())
        {
            _held.Remove(held);
            held.Go.SetResult();
        }
    }

    private void Raise(string name, Device device)
    {
        device.EventNr++;
        foreach (var wait in _waits.Where(w => w.Name == name).ToArray())
        {
            _waits.Remove(wait);
            wait.Done.SetResult(Errno.None);
        }
    }

    private Errno Create(Span<byte> buffer, string name)
    {
        var header = new DmIoctl(buffer);
        if (_devices.ContainsKey(name))
            return Errno.EBUSY;
        uint minor = 0;
        while (_devices.Values.Any(d => d.Minor == minor))
            minor++;
        _devices.Add(name, new Device { Minor = minor, Uuid = Text(header.UuidField) });
        Describe(buffer, _devices[name]);
        return Errno.None;
    }

    private static void Describe(Span<byte> buffer, Device device)
    {
        var header = new DmIoctl(buffer)
        {
            Flags = DmFlags.DM_EXISTS_FLAG | (device.Suspended ? DmFlags.DM_SUSPEND_FLAG : 0),
            Dev = DeviceNumber.Dm(device.Minor).Encode(),
            EventNr = device.EventNr,
            DataSize = 305,
        };
        header.UuidField.Clear();
        Encoding.Latin1.GetBytes(device.Uuid, header.UuidField);
    }

    private Errno List(Span<byte> buffer)
    {
        int at = DmIoctl.Size;
        int last = -1;
        foreach (var (name, device) in _devices)
        {
            int size = ((12 + name.Length + 1 + 7) & ~7) + 8;
            if (at + size > buffer.Length)
            {
                new DmIoctl(buffer).Flags |= DmFlags.DM_BUFFER_FULL_FLAG;
                return Errno.None;
            }
            if (last >= 0)
                BinaryPrimitives.WriteInt32LittleEndian(buffer[(last + 8)..], at - last);
            BinaryPrimitives.WriteUInt64LittleEndian(buffer[at..], DeviceNumber.Dm(device.Minor).Encode());
            Encoding.Latin1.GetBytes(name, buffer[(at + 12)..]);
            BinaryPrimitives.WriteUInt32LittleEndian(buffer[(at + size - 8)..], device.EventNr);
            last = at;
            at += size;
        }
        new DmIoctl(buffer).DataSize = (uint)at;
        return Errno.None;
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? field : field[..end]);
    }

    /// <summary>Devices tell where there are only zeros, and those are then not read.</summary>
    public bool KnowsHoles { get; init; }

    public Errno Open(DeviceNumber device, OpenMode mode, out IOpenDevice? handle)
    {
        bool known = device.Major == DeviceNumber.LoopMajor || _devices.Values.Any(d => DeviceNumber.Dm(d.Minor) == device);
        handle = known ? new Handle(this, device) : null;
        return known ? Errno.None : Errno.ENXIO;
    }

    public ValueTask<Errno> AttachAsync(int index, ulong size, bool readOnly, uint blockSize = 0) =>
        new(_loops.TryAdd(DeviceNumber.Loop(index), new byte[size]) ? Errno.None : Errno.EBUSY);

    public ValueTask<Errno> DetachAsync(int index) => new(_loops.Remove(DeviceNumber.Loop(index)) ? Errno.None : Errno.ENXIO);

    public ValueTask<Errno> ResizeAsync(int index, ulong size)
    {
        var number = DeviceNumber.Loop(index);
        if (!_loops.TryGetValue(number, out byte[]? bytes))
            return new(Errno.ENXIO);
        Array.Resize(ref bytes, (int)size);
        _loops[number] = bytes;
        return new(Errno.None);
    }

    IReadOnlyList<LogLine> IKernelLog.TakeNew()
    {
        var lines = _log.Select(line => TamperLog is null ? line : TamperLog(line)).OfType<LogLine>().ToArray();
        _log.Clear();
        return lines;
    }

    IReadOnlyList<Uevent> IUevents.TakeNew()
    {
        var events = _uevents.ToArray();
        _uevents.Clear();
        return events;
    }

    /// <summary>An open device: a loop device's bytes; a mapped device is empty, and while suspended its I/O waits.</summary>
    private sealed class Handle(FakeMachine machine, DeviceNumber device) : IOpenDevice
    {
        public DeviceNumber Device => device;

        private byte[] Bytes => machine._loops.GetValueOrDefault(device, []);

        public void Dispose()
        {
        }

        private Task PassAsync()
        {
            if (!machine._devices.Values.Any(d => d.Suspended && DeviceNumber.Dm(d.Minor) == device))
                return Task.CompletedTask;
            var held = new TaskCompletionSource();
            machine._held.Add((device, held));
            return held.Task;
        }

        public async ValueTask<IoResult> ReadAsync(ulong offset, Memory<byte> data)
        {
            await PassAsync();
            int count = Math.Min(data.Length, Math.Max(0, Bytes.Length - (int)offset));
            Bytes.AsSpan((int)Math.Min(offset, (ulong)Bytes.Length), count).CopyTo(data.Span);
            return IoResult.Ok(count);
        }

        /// <summary>By sectors.</summary>
        public ValueTask<(ulong Start, ulong End)> NextDataAsync(ulong offset, ulong end)
        {
            if (!machine.KnowsHoles)
                return new((offset, end));
            bool IsHole(ulong sector) => !Bytes.AsSpan((int)sector, 512).ContainsAnyExcept((byte)0);
            ulong start = offset;
            while (start < end && IsHole(start))
                start += 512;
            ulong stop = start;
            while (stop < end && !IsHole(stop))
                stop += 512;
            return new((start, stop));
        }

        public async ValueTask<IoResult> WriteAsync(ulong offset, ReadOnlyMemory<byte> data)
        {
            await PassAsync();
            if (offset + (ulong)data.Length > (ulong)Bytes.Length)
                return IoResult.Failed(Errno.ENOSPC);
            byte[] written = data.ToArray();
            machine.TamperWrite?.Invoke(written);
            written.CopyTo(Bytes, (int)offset);
            return IoResult.Ok(written.Length);
        }

        public ValueTask<Errno> DiscardAsync(ulong offset, ulong length) => ZeroOutAsync(offset, length);
        public ValueTask<Errno> SecureEraseAsync(ulong offset, ulong length) => new((Errno)95);

        public ValueTask<Errno> ZeroOutAsync(ulong offset, ulong length)
        {
            if (offset + length > (ulong)Bytes.Length)
                return new(Errno.EINVAL);
            Bytes.AsSpan((int)offset, (int)length).Clear();
            return new(Errno.None);
        }

        public ValueTask<Errno> FlushAsync() => new(Errno.None);

        public DeviceLimits Limits() => new((ulong)Bytes.Length, false, 512, 512, 512, 0, 0, 0, 0, 0, 0, false, false, false);
    }
}
