using DmSim.Abi;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Matrix;

/// <summary>Which columns are held against each other.</summary>
/// <param name="Against">Every other column against this one; null: each against the one before it.</param>
public sealed record MatrixPairs(string? Against = null)
{
    public IEnumerable<(ColumnShown Older, ColumnShown Newer)> Of(IReadOnlyList<ColumnShown> columns) => Against is { } label
        ? columns.Where(c => c.Label != label).Select(c => (columns.Single(a => a.Label == label), c))
        : columns.Zip(columns.Skip(1));
}

/// <summary>Finds what a case says of its kernels and models. Pure: the same case, the same findings.</summary>
public sealed class MatrixJudge(Comparer comparer, MatrixPairs pairs)
{
    private readonly PairWalk _walk = new(comparer);

    public IReadOnlyList<MatrixFinding> Judge(MatrixCase shown)
    {
        var findings = new List<MatrixFinding>();
        foreach (var column in shown.Columns)
            findings.AddRange(OfModel(shown, column));
        foreach (var (older, newer) in pairs.Of(shown.Columns))
        {
            findings.AddRange(OfKernels(shown, older, newer));
            if (OfFailures(shown, older, newer) is { } failure)
                findings.Add(failure);
        }
        // A kernel that fails everywhere has no column to differ from: it is named where it is seen first.
        if (shown.Columns is [{ Kernel.Failure: { } first } only, ..])
            findings.Add(Failed(shown, "start", only.Label, only.Kernel, first, $"{Named(first)} in {only.Label}"));
        return [.. findings.DistinctBy(f => f.Signature)];
    }

    private IEnumerable<MatrixFinding> OfModel(MatrixCase shown, ColumnShown column)
    {
        if (column.Model is not { } model)
            yield break;
        if (model.Failure is { } threw)
        {
            yield return new MatrixFinding(FindingKind.ModelThrew, column.Label, column.Label, Verb(shown, model.FailedStep), "machine",
                DifferenceDetail.WithoutNumbers(threw.Summary), $"model threw under {column.Label}", model.FailedStep, [new(Model(column), threw.Summary)], false,
                shown.Name, Cut(shown, model.FailedStep));
            yield break;
        }
        if (_walk.Walk(shown.Contexts, model.Steps, column.Kernel.Steps).FirstOrDefault() is not { } parting)
            yield break;
        var difference = parting.New[0];
        yield return Finding(shown, FindingKind.ModelWrong, column.Label, column.Label, parting.Step, difference,
            $"model wrong under {column.Label}", modelled: false);
    }

    private IEnumerable<MatrixFinding> OfKernels(MatrixCase shown, ColumnShown older, ColumnShown newer)
    {
        foreach (var parting in _walk.Walk(shown.Contexts, older.Kernel.Steps, newer.Kernel.Steps))
        {
            // What comes after the first of a step that is not by itself may be its consequence; texts stand for themselves.
            var first = parting.New[0];
            foreach (var difference in parting.New.Where(d => d == first || d.Field is Field.Log or Field.Limits))
            {
                yield return Finding(shown, FindingKind.KernelChange, older.Label, newer.Label, parting.Step, difference,
                    VerdictText.Of(Values(shown, parting.Step, difference), older.Label, newer.Label), IsModelled(older, newer, parting.Step, difference));
            }
        }
    }

    private static bool IsModelled(ColumnShown older, ColumnShown newer, int step, Difference difference) =>
        older.Model is { } before && newer.Model is { } after && step < before.Steps.Count && step < after.Steps.Count
        && before.Steps[step].Find(difference.Subject, difference.Field) == difference.Model
        && after.Steps[step].Find(difference.Subject, difference.Field) == difference.Kernel;

    private MatrixFinding? OfFailures(MatrixCase shown, ColumnShown older, ColumnShown newer)
    {
        if (newer.Kernel.Failure is { } fresh && older.Kernel.Failure is null)
            return Failed(shown, older.Label, newer.Label, newer.Kernel, fresh, $"{Named(fresh)}: new since {newer.Label}");
        return older.Kernel.Failure is { } gone && newer.Kernel.Failure is null
            ? Failed(shown, older.Label, newer.Label, older.Kernel, gone, $"{Named(gone)}: gone in {newer.Label}") : null;
    }

    private static MatrixFinding Failed(
        MatrixCase shown, string older, string newer, ShownSteps failed, GuestFailure failure, string verdict) => new(
        FindingKind.GuestFailure, older, newer, Verb(shown, failed.FailedStep), "guest",
        DifferenceDetail.WithoutNumbers(failure.Summary), verdict, failed.FailedStep,
        [.. shown.Columns.Select(c => new ShownValue(c.Label, c.Kernel.Failure?.Summary))], false, shown.Name, Cut(shown, failed.FailedStep));

    private static string Named(GuestFailure failure) => failure.Kind switch
    {
        GuestFailureKind.Crash => "crash",
        GuestFailureKind.Hang => "hang",
        GuestFailureKind.Boot => "does not boot",
        _ => "lost",
    };

    private static MatrixFinding Finding(
        MatrixCase shown, FindingKind kind, string older, string newer, int step, Difference difference, string verdict, bool modelled) => new(
        kind, older, newer, shown.Contexts[step].Verb, $"{difference.Subject.Kind.ToString().ToLowerInvariant()}/{difference.Field.NameOf()}",
        DifferenceDetail.Of(difference.Field, difference.Model, difference.Kernel), verdict, step, Values(shown, step, difference), modelled,
        shown.Name, Cut(shown, step)) { Difference = difference };

    /// <summary>What every kernel, and every model, shows at a place. A machine that had parted from the others before shows what it shows.</summary>
    private static IReadOnlyList<ShownValue> Values(MatrixCase shown, int step, Difference difference) =>
    [
        .. shown.Columns.Where(c => step < c.Kernel.Steps.Count)
            .Select(c => new ShownValue(c.Label, c.Kernel.Steps[step].Find(difference.Subject, difference.Field))),
        .. shown.Columns.Where(c => c.Model is not null && step < c.Model.Steps.Count)
            .Select(c => new ShownValue(Model(c), c.Model!.Steps[step].Find(difference.Subject, difference.Field))),
    ];

    private static string Model(ColumnShown column) => "model " + column.Label;

    private static string Verb(MatrixCase shown, int step) => step >= 0 && step < shown.Contexts.Count ? shown.Contexts[step].Verb : "somewhere";

    private static Operations.OperationSequence Cut(MatrixCase shown, int step) =>
        step < 0 ? shown.Sequence : shown.Sequence.With(shown.Sequence.Operations.Take(step));
}
