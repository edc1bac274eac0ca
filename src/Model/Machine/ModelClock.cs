using DmSim.Abi;

namespace DmSim.Model.Machine;

/// <summary>The model's virtual time as the machine's clock.</summary>
internal sealed class ModelClock(SimulatedKernel kernel) : IMachineClock
{
    public TimeSpan Now => kernel.Time.Now;

    public ValueTask AdvanceToAsync(TimeSpan instant)
    {
        kernel.Work.RunAll();
        kernel.Time.AdvanceTo(instant);
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> AdvanceUntilAsync(Task work, TimeSpan deadline)
    {
        kernel.Work.RunAll();
        kernel.Time.AdvanceTo(deadline, () => work.IsCompleted);
        return ValueTask.FromResult(work.IsCompleted);
    }
}
