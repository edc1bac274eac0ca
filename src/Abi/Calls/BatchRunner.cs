namespace DmSim.Abi;

/// <summary>
/// Makes scheduled calls on a machine, one after the other, and gathers the replies. The same code drives the model in this
/// process and the kernel inside the guest, so that a difference between replies is a difference between machines.
/// </summary>
public sealed class BatchRunner
{
    private readonly IMachine _machine;
    private readonly TimeSpan _epoch;
    private readonly Dictionary<int, IOpenDevice> _handles = [];
    private readonly SortedDictionary<int, Task<MachineReply>> _pending = [];
    private int _callIndex;

    /// <summary>Set from the first call that this thread made by itself, or did not wait for, until it sleeps.</summary>
    private IDisposable? _awake;

    /// <param name="machine">The machine; its clock's present is instant zero of the batch.</param>
    public BatchRunner(IMachine machine)
    {
        _machine = machine;
        _epoch = machine.Clock.Now;
    }

    /// <summary>Indices of calls that have not completed, as far as <see cref="MachineCall.Collect"/> has looked.</summary>
    public IReadOnlyCollection<int> PendingCalls => _pending.Keys;

    /// <summary>Closes every handle that the calls left open.</summary>
    public void CloseHandles()
    {
        foreach (var handle in _handles.Values)
            handle.Dispose();
        _handles.Clear();
    }

    /// <summary>Makes one call; the reply is <see cref="MachineReply.Pending"/> when it outlasts its patience.</summary>
    public async ValueTask<MachineReply> RunAsync(ScheduledCall scheduled)
    {
        int index = _callIndex++;
        if (_machine.Clock.Now < _epoch + scheduled.At)
        {
            Sleep();
            await _machine.Clock.AdvanceToAsync(_epoch + scheduled.At);
        }
        if (MaySleep(scheduled.Call))
            Sleep();
        else
            _awake ??= _machine.StayAwake();
        var work = StartAsync(scheduled.Call);
        if (work.IsCompletedSuccessfully)
        {
            _awake ??= _machine.StayAwake();
            return work.Result;
        }
        var task = work.AsTask();
        var start = scheduled.At == ScheduledCall.Now ? _machine.Clock.Now : _epoch + scheduled.At;
        if (await _machine.Clock.AdvanceUntilAsync(task, start + scheduled.Patience))
            return await task;
        _pending.Add(index, task);
        return MachineReply.Pending.Instance;
    }

    /// <summary>Makes all calls in order; answers their replies. Between two of them it can be told to stop.</summary>
    public async ValueTask<IReadOnlyList<MachineReply>> RunAllAsync(IReadOnlyList<ScheduledCall> calls, CancellationToken cancel = default)
    {
        var replies = new MachineReply[calls.Count];
        for (int i = 0; i < calls.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            replies[i] = await RunAsync(calls[i]);
        }
        return replies;
    }

    /// <summary>This thread waits: for an instant, or for another one that makes a call which may sleep.</summary>
    private void Sleep()
    {
        _awake?.Dispose();
        _awake = null;
    }

    private static bool MaySleep(MachineCall call) => call switch
    {
        MachineCall.Control c => !c.Here && ControlSleep.MaySleep(c.Request, c.Buffer),
        MachineCall.PollControl or MachineCall.Open or MachineCall.Close or MachineCall.Limits
            or MachineCall.Attribute { Text: null }
            or MachineCall.TakeLog or MachineCall.TakeUevents or MachineCall.TakeFunctions or MachineCall.Collect => false,
        _ => true,
    };

    private ValueTask<MachineReply> StartAsync(MachineCall call) => call switch
    {
        MachineCall.Control c => ControlAsync(c),
        MachineCall.PollControl => Now(new MachineReply.PollControl(_machine.PollControl())),
        MachineCall.Open c => Now(new MachineReply.Status(Open(c))),
        MachineCall.Close c => Now(new MachineReply.Status(Close(c))),
        MachineCall.Read c => ReadAsync(c),
        MachineCall.Write c => WriteAsync(c),
        MachineCall.Discard c => OnHandleAsync(c.Handle, h => h.DiscardAsync(c.Offset, c.Length)),
        MachineCall.SecureErase c => OnHandleAsync(c.Handle, h => h.SecureEraseAsync(c.Offset, c.Length)),
        MachineCall.ZeroOut c => OnHandleAsync(c.Handle, h => h.ZeroOutAsync(c.Offset, c.Length)),
        MachineCall.Flush c => OnHandleAsync(c.Handle, h => h.FlushAsync()),
        MachineCall.Limits c => Now(_handles.TryGetValue(c.Handle, out var h)
            ? new MachineReply.Limits(h.Limits()) : new MachineReply.Status(Errno.EBADF)),
        MachineCall.Digest c => DigestAsync(c),
        MachineCall.Dump c => DumpAsync(c),
        MachineCall.Fill c => FillAsync(c),
        MachineCall.LoopAttach c => StatusAsync(_machine.Loops.AttachAsync(c.Index, c.Size, c.ReadOnly, c.BlockSize)),
        MachineCall.LoopDetach c => StatusAsync(_machine.Loops.DetachAsync(c.Index)),
        MachineCall.LoopResize c => StatusAsync(_machine.Loops.ResizeAsync(c.Index, c.Size)),
        MachineCall.Attribute c => AttributeAsync(c),
        MachineCall.TakeLog => Now(new MachineReply.Log(_machine.Log.TakeNew())),
        MachineCall.TakeUevents => Now(new MachineReply.Uevents(_machine.Uevents.TakeNew())),
        MachineCall.Pause c => PauseAsync(c.Duration),
        MachineCall.TakeFunctions => Now(new MachineReply.Functions(_machine.TakeNewFunctions())),
        MachineCall.Collect => Now(Collect()),
        _ => throw new ArgumentOutOfRangeException(nameof(call), call, "unknown call"),
    };

    private static ValueTask<MachineReply> Now(MachineReply reply) => new(reply);

    private static async ValueTask<MachineReply> StatusAsync(ValueTask<Errno> work) => new MachineReply.Status(await work);

    private async ValueTask<MachineReply> ControlAsync(MachineCall.Control call)
    {
        byte[] request = call.Buffer;
        while (true)
        {
            byte[] buffer = (byte[])request.Clone();
            var errno = await (call.Here ? _machine.ControlHereAsync(call.Request, buffer) : _machine.ControlAsync(call.Request, buffer));
            if (!call.Grow || errno != Errno.None || buffer.Length < DmIoctl.Size || buffer.Length >= MaxGrownBuffer
                || (new DmIoctl(buffer).Flags & DmFlags.DM_BUFFER_FULL_FLAG) == 0)
                return new MachineReply.Control(errno, buffer);
            Array.Resize(ref request, buffer.Length * 2);
            var header = new DmIoctl(request);
            header.DataSize = (uint)request.Length;
        }
    }

    private ValueTask<MachineReply> AttributeAsync(MachineCall.Attribute call)
    {
        // Nothing beside the device's own files.
        if (call.Path.Split('/').Any(part => part is "" or "." or ".."))
            return Now(new MachineReply.Status(Errno.EINVAL));
        if (call.Text is not null)
            return StatusAsync(_machine.WriteAttributeAsync(call.Device, call.Path, call.Text));
        var errno = _machine.ReadAttribute(call.Device, call.Path, out string text);
        return Now(new MachineReply.Attribute(errno, text));
    }

    private async ValueTask<MachineReply> PauseAsync(TimeSpan duration)
    {
        await _machine.Clock.AdvanceToAsync(_machine.Clock.Now + duration);
        return new MachineReply.Status(Errno.None);
    }

    private const int MaxGrownBuffer = 16 << 20;

    private Errno Open(MachineCall.Open call)
    {
        if (_handles.ContainsKey(call.Handle))
            return Errno.EBADF;
        var errno = _machine.Open(call.Device, call.Mode, out var handle);
        if (errno == Errno.None)
            _handles.Add(call.Handle, handle!);
        return errno;
    }

    private Errno Close(MachineCall.Close call)
    {
        if (!_handles.Remove(call.Handle, out var handle))
            return Errno.EBADF;
        handle.Dispose();
        return Errno.None;
    }

    private async ValueTask<MachineReply> ReadAsync(MachineCall.Read call)
    {
        if (!_handles.TryGetValue(call.Handle, out var handle))
            return new MachineReply.Read(IoResult.Failed(Errno.EBADF), []);
        using var buffer = _machine.RentBuffer(call.Length);
        var data = buffer.Memory[..call.Length];
        var result = await handle.ReadAsync(call.Offset, data);
        return new MachineReply.Read(result, data[..result.Count].ToArray());
    }

    private async ValueTask<MachineReply> WriteAsync(MachineCall.Write call)
    {
        if (!_handles.TryGetValue(call.Handle, out var handle))
            return new MachineReply.Write(IoResult.Failed(Errno.EBADF));
        using var buffer = _machine.RentBuffer(call.Length);
        var data = buffer.Memory[..call.Length];
        Pattern.Fill(data.Span, call.PatternSeed);
        return new MachineReply.Write(await handle.WriteAsync(call.Offset, data));
    }

    private async ValueTask<MachineReply> OnHandleAsync(int number, Func<IOpenDevice, ValueTask<Errno>> work) =>
        new MachineReply.Status(_handles.TryGetValue(number, out var handle) ? await work(handle) : Errno.EBADF);

    private async ValueTask<MachineReply> DigestAsync(MachineCall.Digest call)
    {
        var errno = _machine.Open(call.Device, OpenMode.Read, out var handle);
        if (errno != Errno.None)
            return new MachineReply.Digest(errno, 0, 0, []);
        // One thread reads all pieces and closes the device. Only where it has to wait for a piece do others run.
        using (_machine.StayAwake())
        using (handle)
        {
            ulong size = handle!.Size;
            ulong end = Math.Min(size, call.MaxBytes);
            using var buffer = _machine.RentBuffer(call.PieceBytes);
            var failed = new List<FailedPieces>();
            ulong hash = 0;
            int index = 0;
            for (ulong offset = 0; offset < end; offset += (ulong)call.PieceBytes, index++)
            {
                ulong pieceEnd = Math.Min(end, offset + (ulong)call.PieceBytes);
                var (error, digest) = await DigestAsync(handle, offset, pieceEnd, unchecked(hash + (ulong)index), buffer.Memory);
                if (error == Errno.None)
                    hash = digest;
                else if (failed.Count > 0 && failed[^1].First + failed[^1].Count == index && failed[^1].Errno == error)
                    failed[^1] = failed[^1] with { Count = failed[^1].Count + 1 };
                else
                    failed.Add(new FailedPieces(index, 1, error));
            }
            return new MachineReply.Digest(Errno.None, size, hash, failed);
        }
    }

    /// <summary>The digest of a piece of a device, up to where a read ends short.</summary>
    private static async ValueTask<(Errno, ulong)> DigestAsync(
        IOpenDevice device, ulong offset, ulong end, ulong seed, Memory<byte> buffer)
    {
        var digest = new ContentDigest.Running(seed);
        while (offset < end)
        {
            var data = await device.NextDataAsync(offset, end);
            digest.AddZeros(data.Start - offset);
            int length = checked((int)(data.End - data.Start));
            offset = data.End;
            if (length == 0)
                continue;
            var result = await device.ReadAsync(data.Start, buffer[..length]);
            if (result.Errno != Errno.None)
                return (result.Errno, 0);
            digest.Add(buffer.Span[..(result.Count & ~31)]);
            if (result.Count < length)
                break;
        }
        return (Errno.None, digest.Finish());
    }

    private async ValueTask<MachineReply> DumpAsync(MachineCall.Dump call)
    {
        var errno = _machine.Open(call.Device, OpenMode.Read, out var handle);
        if (errno != Errno.None)
            return new MachineReply.Dump(errno, 0, []);
        using (handle)
        {
            const int PieceBytes = 64 * DumpedBlock.Bytes;
            ulong size = handle!.Size;
            ulong end = Math.Min(size, call.MaxBytes);
            var blocks = new List<DumpedBlock>();
            using var buffer = _machine.RentBuffer(PieceBytes);
            var piece = buffer.Memory;
            for (ulong offset = 0; offset < end && errno == Errno.None; offset += PieceBytes)
            {
                int length = (int)Math.Min(PieceBytes, end - offset);
                var result = await handle.ReadAsync(offset, piece[..length]);
                errno = result.Errno;
                for (int at = 0; at < result.Count; at += DumpedBlock.Bytes)
                {
                    var block = piece.Span.Slice(at, Math.Min(DumpedBlock.Bytes, result.Count - at));
                    if (block.ContainsAnyExcept((byte)0))
                        blocks.Add(new DumpedBlock(checked((int)((offset + (ulong)at) / DumpedBlock.Bytes)), block.ToArray()));
                }
            }
            return new MachineReply.Dump(errno, size, blocks);
        }
    }

    private async ValueTask<MachineReply> FillAsync(MachineCall.Fill call)
    {
        var errno = _machine.Open(call.Device, OpenMode.Write, out var handle);
        if (errno != Errno.None)
            return new MachineReply.Status(errno);
        using (handle)
        {
            foreach (var block in call.Blocks)
            {
                var result = await handle!.WriteAsync(unchecked((ulong)block.Index * DumpedBlock.Bytes), block.Data);
                if (result.Errno != Errno.None)
                    return new MachineReply.Status(result.Errno);
            }
            return new MachineReply.Status(Errno.None);
        }
    }

    private MachineReply.Collect Collect()
    {
        var completions = new List<Completion>();
        foreach (var (index, task) in _pending.ToArray())
        {
            if (!task.IsCompleted)
                continue;
            completions.Add(new Completion(index, task.GetAwaiter().GetResult()));
            _pending.Remove(index);
        }
        return new MachineReply.Collect(completions);
    }
}
