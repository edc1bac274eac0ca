using DmSim.Abi;

namespace DmSim.Harness.Running;

/// <summary>Any machine in this process as a batch machine: a fresh one for each reset. Stands in for a kernel in tests and replays.</summary>
public sealed class InProcessBatchMachine(string description, Func<IMachine> fresh) : IBatchMachine
{
    private IMachine? _machine;

    public string Description => description;

    public bool IsTidied => false;

    public async ValueTask<GuestFailure?> ResetAsync(ResetKind kind, CancellationToken cancel = default)
    {
        await DisposeAsync();
        _machine = fresh();
        return null;
    }

    public async ValueTask<BatchReply> RunBatchAsync(IReadOnlyList<ScheduledCall> calls, CancellationToken cancel = default)
    {
        var machine = _machine ?? throw new InvalidOperationException("a batch machine is reset before its first batch");
        return new BatchReply(await new BatchRunner(machine).RunAllAsync(calls, cancel), null);
    }

    public async ValueTask DisposeAsync()
    {
        if (_machine is not null)
            await _machine.DisposeAsync();
        _machine = null;
    }
}
