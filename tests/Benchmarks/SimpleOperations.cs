using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;

namespace DmSim.Benchmarks;

/// <summary>
/// A machine with a running linear device, and the operations that a script does all the time, each as the bytes of its ioctl. The machine
/// is after a <see cref="Round"/> as it was before.
/// </summary>
internal sealed class SimpleOperations : IAsyncDisposable
{
    private readonly ModelMachine _machine = new(KernelProfile.Linux61);
    private readonly (uint Request, byte[] Sent, byte[] Buffer)[] _operations;

    public SimpleOperations()
    {
        _machine.Loops.AttachAsync(0, 1 << 20, readOnly: false).AsTask().GetAwaiter().GetResult();
        TableLine[] table = [new(Sectors.Zero, new Sectors(1024), "linear", "7:0 0")];
        foreach (var request in (DmRequest[])[DmRequest.Create("kept"), DmRequest.Load("kept", table), DmRequest.Resume("kept")])
            Send(request.Number, request.Buffer);
        DmRequest[] round =
        [
            DmRequest.Version(),
            DmRequest.Create("d"), DmRequest.Load("d", table), DmRequest.Resume("d"), DmRequest.Info("d"), DmRequest.Status("d", room: 512),
            DmRequest.Table("d", room: 512), DmRequest.Deps("d", room: 512), DmRequest.ListDevices(room: 512), DmRequest.Suspend("d"),
            DmRequest.Resume("d"), DmRequest.Load("d", table), DmRequest.Clear("d"), DmRequest.Rename("d", "e"), DmRequest.Info("e"),
            DmRequest.Remove("e"),
        ];
        _operations = Array.ConvertAll(round, request => (request.Number, request.Buffer, request.Buffer.ToArray()));
    }

    /// <summary>How many operations a round is.</summary>
    public int Count => _operations.Length;

    /// <summary>Bytes that the requests of a round have together.</summary>
    public int Bytes => _operations.Sum(operation => operation.Sent.Length);

    /// <summary>Every operation once. Throws where one is refused: a refusal would be fast, and no measure of anything.</summary>
    public void Round()
    {
        foreach (var (request, sent, buffer) in _operations)
        {
            sent.CopyTo(buffer, 0);
            Send(request, buffer);
        }
        _machine.Log.TakeNew();
        _machine.Uevents.TakeNew();
    }

    /// <summary>The least that any implementation would do: the requests copied, and copied back.</summary>
    public void CopyOnly()
    {
        foreach (var (_, sent, buffer) in _operations)
        {
            sent.CopyTo(buffer, 0);
            buffer.CopyTo(sent, 0);
        }
    }

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    private void Send(uint request, byte[] buffer)
    {
        var work = _machine.ControlAsync(request, buffer);
        var errno = work.IsCompleted ? work.Result : throw new InvalidOperationException($"request {request:x} waits");
        if (errno != Errno.None)
            throw new InvalidOperationException($"request {request:x} was refused: {errno}");
    }
}
