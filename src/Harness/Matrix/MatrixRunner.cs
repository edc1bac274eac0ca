using System.Diagnostics;
using DmSim.Abi;
using DmSim.Harness.Lowering;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;

namespace DmSim.Harness.Matrix;

/// <summary>
/// Runs a sequence on every kernel and on every model. One machine draws the case up and decides when what is looked at; all
/// others are asked the same at the same instants.
/// </summary>
/// <param name="drawUp">Makes a fresh machine to draw cases up on.</param>
/// <param name="atATime">How many kernels run at a time.</param>
public sealed class MatrixRunner(Func<IMachine> drawUp, IReadOnlyList<MatrixColumn> columns, int atATime, LookPolicy policy = LookPolicy.WhenTouched)
{
    /// <summary>A guest that is gone without a word, as when somebody kills it, says nothing of the case.</summary>
    private const int MaxLosses = 3;

    public IReadOnlyList<MatrixColumn> Columns { get; } = columns;

    /// <summary>The same with those columns alone that have these labels, each once, in the order in which they are named.</summary>
    public MatrixRunner With(params string[] labels) =>
        new(drawUp, [.. labels.Distinct().SelectMany(label => Columns.Where(column => column.Label == label))], atATime, policy);

    public async ValueTask<MatrixCase> RunAsync(string name, IOperationSource source, ResetKind reset, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        ReferenceRun run;
        await using (var machine = drawUp())
            run = await ReferenceRun.RunAsync(machine, source, policy);
        using var places = new SemaphoreSlim(Math.Max(1, atATime));
        var shown = await Task.WhenAll(Columns.Select(column => Task.Run(async () =>
        {
            var model = column.Model is null ? null : await OnModelAsync(column, run, cancel);
            await places.WaitAsync(cancel);
            try
            {
                return new ColumnShown(column.Label, await OnKernelAsync(column.Kernel, run, reset, cancel), model);
            }
            finally
            {
                places.Release();
            }
        }, cancel)));
        return new MatrixCase(name, run, shown, watch.Elapsed);
    }

    private static async Task<ShownSteps> OnModelAsync(MatrixColumn column, ReferenceRun run, CancellationToken cancel)
    {
        await using var machine = new InProcessBatchMachine(column.Label, column.Model!);
        await machine.ResetAsync(ResetKind.Saved, cancel);
        try
        {
            return Decode(run, await machine.RunBatchAsync(run.Schedule, cancel), tidied: false);
        }
        // Whatever a model throws is the finding; the other columns are not concerned.
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new ShownSteps([], new GuestFailure(GuestFailureKind.Crash, -1, $"{e.GetType().Name}: {e.Message}", []), -1, Tidied: false);
        }
    }

    private static async Task<ShownSteps> OnKernelAsync(IBatchMachine kernel, ReferenceRun run, ResetKind reset, CancellationToken cancel)
    {
        var shown = await OnceAsync(kernel, run, reset, cancel);
        for (int losses = 1; losses <= MaxLosses && shown.Failure is { Kind: GuestFailureKind.Lost }; losses++)
            shown = await OnceAsync(kernel, run, ResetKind.Saved, cancel);
        return shown;
    }

    private static async Task<ShownSteps> OnceAsync(IBatchMachine kernel, ReferenceRun run, ResetKind reset, CancellationToken cancel)
    {
        if (await kernel.ResetAsync(reset, cancel) is { } failure)
            return new ShownSteps([], failure, -1, Tidied: false);
        bool tidied = kernel.IsTidied;
        return Decode(run, await kernel.RunBatchAsync(run.Schedule, cancel), tidied);
    }

    private static ShownSteps Decode(ReferenceRun run, BatchReply batch, bool tidied) => new(
        [.. run.Decode([.. batch.Replies.Select((reply, i) => WithoutVersion(run.Schedule[i].Call, reply))])],
        batch.Failure, batch.Failure is { } failure ? run.StepOfCall(failure.CallIndex) : -1, tidied);

    /// <summary>
    /// Every reply bears the driver's version in its first words: told once, where it is asked for, it would hide all else that differs.
    /// </summary>
    private static MachineReply WithoutVersion(MachineCall call, MachineReply reply)
    {
        const int VersionBytes = 12;
        if (reply is not MachineReply.Control control || call is MachineCall.Control { Request: var request } && request == DmCommand.DM_VERSION.Request()
            || control.Buffer.Length < VersionBytes)
            return reply;
        byte[] buffer = [.. control.Buffer];
        buffer.AsSpan(0, VersionBytes).Clear();
        return control with { Buffer = buffer };
    }
}
