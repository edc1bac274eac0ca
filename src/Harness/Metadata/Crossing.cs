using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Running;

namespace DmSim.Harness.Metadata;

/// <summary>One image that went over: who wrote it, and how both machines went on with it.</summary>
/// <param name="ByKernel">The kernel wrote it.</param>
/// <param name="ByModel">The model wrote it; both, when the two wrote the same bytes.</param>
public sealed record CrossedImage(string Name, bool ByKernel, bool ByModel, CaseResult Result);

/// <summary>
/// Lets images cross over between model and kernel. A case makes a pool, or snapshots, and works on it, on both machines; then what one
/// of them has on its devices, in the middle of its work as after a loss of power, is put on the devices of a fresh model and of a fresh
/// kernel. Both open what is there and go on, compared step by step and in the end block by block.
/// </summary>
public sealed class Crossing(Contest contest, IBatchMachine kernel, CrossedKind kind, ulong seed, int operations)
{
    /// <summary>Cases that go on are others than those that began.</summary>
    private const int ContinuedFrom = 1_000_000;

    private const ulong MaxImageBytes = 16 << 20;

    /// <summary>Long enough for the commit of every second.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    private readonly CaseRunner _runner = new(contest, kernel);

    /// <summary>One or two images: two when model and kernel did not write the same.</summary>
    public async ValueTask<IReadOnlyList<CrossedImage>> CrossAsync(int index, CancellationToken cancel = default)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"image {index} seed {seed}");
        await using var machine = contest.FreshModel();
        var run = await ReferenceRun.RunAsync(machine, kind.Fresh(seed, index, operations), contest.Policy);
        if (run.Failure is not null)
            return [new CrossedImage(name, false, true, new ModelFailed(run, CaseFigures.None, run.Failure))];
        var loops = run.Sequence.Loops;
        var dumps = loops.Select(loop => (MachineCall)new MachineCall.Dump(DeviceNumber.Loop(loop.Index), MaxImageBytes)).ToArray();
        var batcher = new BatchRunner(machine);
        var ours = new List<MachineReply>();
        foreach (var dump in dumps)
            ours.Add(await batcher.RunAsync(new ScheduledCall(Rest, Rest, dump)));
        var failure = await kernel.ResetAsync(ResetKind.Saved, cancel);
        var last = run.Schedule[^1].At;
        var batch = failure is null
            ? await kernel.RunBatchAsync([.. run.Schedule, .. dumps.Select(dump => new ScheduledCall(last + Rest, Rest, dump))], cancel) : null;
        if ((failure ?? batch?.Failure) is { } died)
            return [new CrossedImage(name, true, false, new GuestFailed(run, CaseFigures.None, died, -1))];
        var modelImages = Images(loops, ours);
        var kernelImages = Images(loops, batch!.Replies.TakeLast(dumps.Length));
        bool same = modelImages == kernelImages;
        var crossed = new List<CrossedImage> { new($"{name}, the kernel's", true, same, await GoOnAsync(kernelImages, index, cancel)) };
        if (!same)
            crossed.Add(new CrossedImage($"{name}, the model's", false, true, await GoOnAsync(modelImages, index, cancel)));
        return crossed;
    }

    private ValueTask<CaseResult> GoOnAsync(ValueList<LoopSetup> loops, int index, CancellationToken cancel) =>
        _runner.RunAsync("continued", kind.Continued(loops, seed, checked(ContinuedFrom + index), operations), cancel);

    /// <summary>Devices of the size that they have by now, with what is on them.</summary>
    private static ValueList<LoopSetup> Images(ValueList<LoopSetup> loops, IEnumerable<MachineReply> dumps) =>
        ValueList.From(loops.Zip(dumps, (loop, reply) =>
            reply is MachineReply.Dump { Errno: Errno.None, Size: > 0 } dump
                ? new LoopSetup(loop.Index, new Bytes(dump.Size), false, LoopContents.Of(MetadataPair.Image(dump))) : loop));
}
