using DmSim.Model.Machine;

namespace DmSim.Model.Blocks;

/// <summary>Bios that somebody waits for together.</summary>
internal sealed class BioGroup(SimulatedKernel kernel)
{
    private int _running;
    private BlkStatus _status;
    private TaskCompletionSource<BlkStatus>? _waiter;
    private bool _sleeps;

    private static readonly Action<Bio> EndIo = static bio => ((BioGroup)bio.Private!).Ended(bio.Status);

    public void Submit(Bio bio)
    {
        _running++;
        bio.Private = this;
        bio.EndIo = EndIo;
        kernel.Blocks.Submit(bio);
    }

    /// <summary>
    /// Unplugs, and sleeps until all have ended; workers work meanwhile. Who had to wait goes on once the present work is done, like any
    /// woken process. Nobody sleeps for what has ended already.
    /// </summary>
    public ValueTask<BlkStatus> WaitAsync()
    {
        kernel.Blocks.FinishPlug(sleeps: _running > 0);
        if (_running > 0)
        {
            _sleeps = true;
            kernel.Work.SleepUntil(() => !_sleeps);
        }
        if (!_sleeps)
            return new ValueTask<BlkStatus>(_status);
        _waiter = new TaskCompletionSource<BlkStatus>();
        return new ValueTask<BlkStatus>(_waiter.Task);
    }

    private void Ended(BlkStatus status)
    {
        if (_status == BlkStatus.Ok)
            _status = status;
        if (--_running == 0 && _sleeps)
            kernel.Work.Enqueue(Wake);
    }

    private void Wake()
    {
        _sleeps = false;
        _waiter?.SetResult(_status);
    }
}
