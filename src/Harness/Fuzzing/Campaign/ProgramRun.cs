using DmSim.Abi;
using DmSim.Harness.Fuzzing.Programs;

namespace DmSim.Harness.Fuzzing.Campaign;

/// <summary>What a machine answered to a program.</summary>
/// <param name="Replies">Fewer than calls where the machine did not get to the end.</param>
public sealed record ProgramRun(ProgramCalls Calls, IReadOnlyList<MachineReply> Replies, GuestFailure? Failure)
{
    public bool IsWhole => Replies.Count == Calls.Calls.Count;

    /// <summary>Makes several programs one batch, and takes its replies apart again. The programs after one that failed have no run.</summary>
    public static async ValueTask<IReadOnlyList<ProgramRun>> RunAsync(IBatchMachine machine, IReadOnlyList<ProgramCalls> programs, CancellationToken cancel = default)
    {
        var batch = new List<ScheduledCall>();
        foreach (var program in programs)
            batch.AddRange(program.Calls);
        var reply = await machine.RunBatchAsync(batch, cancel);
        var runs = new List<ProgramRun>();
        int first = 0;
        foreach (var program in programs)
        {
            int count = Math.Min(program.Calls.Count, reply.Replies.Count - first);
            bool failed = reply.Failure is not null && first + program.Calls.Count > reply.Replies.Count;
            runs.Add(new ProgramRun(program, [.. reply.Replies.Skip(first).Take(count)], failed ? reply.Failure : null));
            first += program.Calls.Count;
            if (failed)
                return runs;
        }
        // All have answered, and the kernel has complained on its console at some time or other: of the last it is known that it is over.
        if (reply.Failure is { } late && runs.Count > 0)
            runs[^1] = runs[^1] with { Failure = late };
        return runs;
    }

    /// <summary>What the model answers; or what it threw.</summary>
    public static (IReadOnlyList<MachineReply>? Replies, Exception? Thrown) OnModel(Func<IMachine> fresh, ProgramCalls program)
    {
        try
        {
            var machine = fresh();
            return (new BatchRunner(machine).RunAllAsync(program.Calls).AsTask().GetAwaiter().GetResult(), null);
        }
        // Whatever a model throws is the finding.
        catch (Exception e)
        {
            return (null, e);
        }
    }
}
