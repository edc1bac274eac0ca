using DmSim.Abi;
using DmSim.Harness.AllowedOutcomes;
using DmSim.Harness.Lowering;
using DmSim.Harness.Matrix;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Property.Harness.Matrix;

/// <summary>A matrix whose kernels are models: what differs between two profiles is what differs between their "kernels".</summary>
internal static class MatrixScene
{
    public static MatrixColumn Column(KernelProfile profile, KernelProfile? shows = null, bool hasModel = true) => Column(
        profile.Tag, new InProcessBatchMachine($"kernel {profile.Tag}", () => new ModelMachine(shows ?? profile)), hasModel ? profile : null);

    public static MatrixColumn Column(string label, IBatchMachine kernel, KernelProfile? model) =>
        new(label, kernel, model is null ? null : () => new ModelMachine(model));

    public static OperationSequence Parse(string text)
    {
        Assert.That(OperationSequence.TryParse(text, out var sequence, out string error), Is.True, error);
        return sequence!;
    }

    public static Task<MatrixSummary> RunAsync(IReadOnlyList<MatrixColumn> columns, params string[] sequences) =>
        RunAsync(columns, new MatrixPairs(), sequences);

    public static Task<MatrixSummary> RunAsync(IReadOnlyList<MatrixColumn> columns, MatrixPairs pairs, params string[] sequences) =>
        RunAsync(columns, pairs, known: null, sequences);

    /// <param name="known">Signatures that are small already, when what is found is to be made small; null when it is not.</param>
    public static async Task<MatrixSummary> RunAsync(
        IReadOnlyList<MatrixColumn> columns, MatrixPairs pairs, IReadOnlySet<string>? known, params string[] sequences)
    {
        var runner = new MatrixRunner(() => new ModelMachine(KernelProfile.Linux61), columns, 1, LookPolicy.WhenTouched);
        var comparer = new Comparer(AllowedOutcomeRules.All);
        var judge = new MatrixJudge(comparer, pairs);
        var cases = new FixedCases([.. sequences.Select((text, i) => ($"case {i}", Parse(text)))]);
        var shrinker = known is null ? null : new FindingShrinker(runner, judge, comparer, known);
        return await new MatrixCampaign(runner, judge, shrinker).RunAsync(cases, null, CancellationToken.None);
    }

    /// <summary>A kernel that crashes in the second operation of every case.</summary>
    public sealed class CrashingKernel : IBatchMachine
    {
        private readonly InProcessBatchMachine _machine = new("crashing", () => new ModelMachine(KernelProfile.Linux612));

        public string Description => "crashing";
        public bool IsTidied => false;
        public ValueTask<GuestFailure?> ResetAsync(ResetKind kind, CancellationToken cancel = default) => _machine.ResetAsync(kind, cancel);

        public async ValueTask<BatchReply> RunBatchAsync(IReadOnlyList<ScheduledCall> calls, CancellationToken cancel = default)
        {
            int second = calls.Index().Where(c => c.Item.Call is MachineCall.Control).Select(c => c.Index).Skip(8).First();
            var reply = await _machine.RunBatchAsync([.. calls.Take(second)], cancel);
            return reply with { Failure = new GuestFailure(GuestFailureKind.Crash, second, "BUG: kernel NULL pointer dereference, address: 0000000000000010", []) };
        }

        public ValueTask DisposeAsync() => _machine.DisposeAsync();
    }
}
