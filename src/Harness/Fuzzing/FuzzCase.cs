using System.Runtime.InteropServices;
using DmSim.Abi;
using DmSim.Harness.Generators;

namespace DmSim.Harness.Fuzzing;

/// <summary>A buffer that the machine did not survive: it threw, hung, or wrote where it must not.</summary>
/// <param name="Case">The number of the case of the seed, from 0.</param>
/// <param name="Index">Which buffer of the case, from 0.</param>
public sealed record FuzzFinding(long Case, int Index, FuzzBuffer Buffer, string What);

/// <summary>
/// One machine's life under fuzzed ioctls. Between them devices are opened and closed and time passes, so that there are open counts,
/// waits that end and timers.
/// </summary>
internal sealed class FuzzCase
{
    /// <summary>Buffers to one machine: enough for a state to grow, few enough that fresh ones come often.</summary>
    public const int Length = 4096;

    private const ulong SectorsPerLoop = 4096;

    private readonly IMachine _machine;
    private readonly Choices _choices;
    private readonly BufferMutator _mutator;
    private readonly List<IOpenDevice> _open = [];
    private readonly List<Task<Errno>> _pending = [];
    private byte[] _sent = [];

    public FuzzCase(IMachine fresh, ulong seed, long number)
    {
        _machine = fresh;
        _choices = new Choices(unchecked(seed ^ (ulong)number * 0xD1342543DE82EF95));
        _mutator = new BufferMutator(_choices);
    }

    /// <summary>The buffer being sent, counted from 0; who watches over a hang reads it from another thread.</summary>
    public int Index { get; private set; }

    /// <summary>The request being sent, as it was before the machine wrote into it.</summary>
    public FuzzBuffer Current { get; private set; }

    /// <summary>Of all errnos and replies so far: the same for the same seed.</summary>
    public ulong Digest { get; private set; }

    /// <summary>How many calls succeeded: when next to none do, the fuzzer does not get in.</summary>
    public int Succeeded { get; private set; }

    /// <summary>Sends so many buffers. Answers what went wrong with one, or null. Sent buffers are counted by <see cref="Index"/>.</summary>
    public string? Run(int count)
    {
        for (int loop = 0; loop < 3; loop++)
            _machine.Loops.AttachAsync(loop, SectorsPerLoop * Sectors.BytesPerSector, readOnly: loop == 2).AsTask().GetAwaiter().GetResult();
        for (Index = 0; Index < count; Index++)
        {
            if (Try(_mutator.Next(), stir: _choices.Percent(3)) is { } problem)
                return problem;
        }
        return null;
    }

    private string? Try(FuzzBuffer buffer, bool stir)
    {
        try
        {
            if (Send(buffer) is { } problem)
                return problem;
            if (stir)
                Stir();
            return null;
        }
        // Whatever a machine throws is the finding.
        catch (Exception e)
        {
            return e.ToString();
        }
    }

    private string? Send(FuzzBuffer buffer)
    {
        byte[] bytes = buffer.Bytes;
        if (_sent.Length != bytes.Length)
            _sent = new byte[bytes.Length];
        bytes.CopyTo(_sent, 0);
        Current = buffer with { Bytes = _sent };
        var work = _machine.ControlAsync(buffer.Request, bytes);
        if (!work.IsCompleted)
        {
            // It goes on later, with memory that nobody else uses.
            _pending.Add(work.AsTask());
            Mix(ulong.MaxValue);
            return null;
        }
        // An exception of a call that did complete is thrown here.
        var errno = work.Result;
        Mix((ulong)errno);
        if (bytes.Length >= DmIoctl.Size)
            MixReply(bytes);
        if (errno != Errno.None)
            return null;
        Succeeded++;
        Decode(buffer.Request, bytes);
        return WrittenPastEnd(bytes) ? "bytes after data_size were written" : null;
    }

    private void Mix(ulong value) => Digest = unchecked((ulong.RotateLeft(Digest, 23) ^ value) * 0x9E3779B97F4A7C15);

    private void MixReply(ReadOnlySpan<byte> bytes)
    {
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes[..Math.Min(bytes.Length & ~7, 1024)]))
            Mix(word);
    }

    /// <summary>What user space said is its buffer is all that the machine may touch.</summary>
    private bool WrittenPastEnd(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= DmIoctl.DataSizeOffset + sizeof(uint))
            return false;
        uint said = BitConverter.ToUInt32(_sent, DmIoctl.DataSizeOffset);
        int end = (int)Math.Min(Math.Max(said, DmIoctl.DataOffset), (uint)bytes.Length);
        return !bytes[end..].SequenceEqual(_sent.AsSpan(end));
    }

    /// <summary>Whatever comes back can be decoded or is refused with a reason; it must not throw.</summary>
    private static void Decode(uint request, byte[] bytes)
    {
        var command = (DmCommand)(request & 0xff);
        var reply = new DmReply(command, Errno.None, bytes);
        _ = command switch
        {
            DmCommand.DM_TABLE_STATUS or DmCommand.DM_DEV_WAIT => reply.TryLines(out _, out _),
            DmCommand.DM_LIST_DEVICES => reply.TryDevices(out _, out _),
            DmCommand.DM_TABLE_DEPS => reply.TryDeps(out _, out _),
            DmCommand.DM_LIST_VERSIONS or DmCommand.DM_GET_TARGET_VERSION => reply.TryVersions(out _, out _),
            DmCommand.DM_TARGET_MSG => reply.TryMessageText(out _, out _),
            _ => true,
        };
    }

    /// <summary>Opens or closes a device, lets time pass, empties the log.</summary>
    private void Stir()
    {
        if (_open.Count > 0 && _choices.Percent(60))
        {
            int at = _choices.Below(_open.Count);
            _open[at].Dispose();
            _open.RemoveAt(at);
        }
        else if (_machine.Open(DeviceNumber.Dm((uint)_choices.Below(6)), OpenMode.Read, out var handle) == Errno.None)
            _open.Add(handle!);
        _machine.Clock.AdvanceToAsync(_machine.Clock.Now + TimeSpan.FromMilliseconds(_choices.Below(2000))).AsTask().GetAwaiter().GetResult();
        Mix((ulong)_machine.Log.TakeNew().Count);
        Mix((ulong)_machine.Uevents.TakeNew().Count);
        Mix(_machine.PollControl() ? 1UL : 0);
        // What was blocked and has completed since: the result, or the exception.
        foreach (var done in _pending.Where(call => call.IsCompleted))
            Mix((ulong)done.GetAwaiter().GetResult());
        _pending.RemoveAll(call => call.IsCompleted);
    }
}
