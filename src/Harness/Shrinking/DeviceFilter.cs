using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;

namespace DmSim.Harness.Shrinking;

/// <summary>
/// A failing case reduced to the devices that have to do with the failure, the boldest reduction first. Of many devices one or two are
/// usually involved, so that this takes most of a long case away in one execution.
/// </summary>
internal sealed class DeviceFilter
{
    private readonly OperationSequence _sequence;
    private readonly IReadOnlyList<StepRecord> _steps;
    private readonly int? _failing;
    private readonly Footprints _footprints;

    private DeviceFilter(CaseResult result)
    {
        _sequence = FailureKey.Cut(result);
        // A guest that died has its steps all the same: they are the reference's.
        _steps = [.. result.Reference.Steps.Take(_sequence.Operations.Count + 1)];
        _failing = FailureKey.FailingOperation(result);
        _footprints = new Footprints(_steps);
    }

    public static IEnumerable<OperationSequence> Candidates(CaseResult result)
    {
        var filter = new DeviceFilter(result);
        var involved = filter.Involved(result);
        if (involved.Count > 0)
        {
            var below = filter._footprints.WithBelow(involved);
            var all = filter._footprints.WithBelowAndAbove(involved);
            yield return filter.Keep(below, (operation, step) => Changes(operation) && Succeeds(step), byName: true);
            yield return filter.Keep(below, (_, _) => true, byName: true);
            yield return filter.Keep(all, (operation, step) => Changes(operation) && Succeeds(step), byName: true);
            yield return filter.Keep(all, (_, _) => true, byName: true);
            yield return filter.Keep(all, (_, _) => true, byName: false);
        }
        yield return filter.Keep(null, (operation, step) => Changes(operation) && Succeeds(step), byName: false);
    }

    /// <summary>What the failing operation names, and what the difference is about.</summary>
    private HashSet<Thing> Involved(CaseResult result)
    {
        var involved = new HashSet<Thing>();
        if (_failing is { } index)
        {
            involved.UnionWith(index + 1 < _steps.Count ? _footprints.OfStep(index + 1)
                : _footprints.OfUnfinished(_sequence.Operations[index], _steps.Count > 0 ? _steps[^1].Context.After : World.Empty));
        }
        if (_steps.Count > 0)
        {
            foreach (var subject in FailureKey.Subjects(result))
                involved.UnionWith(_footprints.Of(subject, _steps[^1].Context));
        }
        return involved;
    }

    /// <param name="things">Null keeps whatever it touches.</param>
    /// <param name="where">Which of the operations on them are kept.</param>
    /// <param name="byName">Name mapped devices by name: their minors will have moved.</param>
    private OperationSequence Keep(HashSet<Thing>? things, Func<Operation, StepRecord, bool> where, bool byName)
    {
        var kept = new List<Operation>();
        for (int i = 0; i < _sequence.Operations.Count; i++)
        {
            var operation = _sequence.Operations[i];
            if (i + 1 >= _steps.Count)
            {
                kept.Add(operation);
                continue;
            }
            var step = _steps[i + 1];
            bool touches = things is null || _footprints.OfStep(i + 1).Any(things.Contains) || IsForAll(operation);
            if (i == _failing || (touches && where(operation, step)))
                kept.Add(byName ? NamedReferences.Rewrite(operation, step.Context.Before) : operation);
        }
        return _sequence.With(kept);
    }

    private static bool IsForAll(Operation operation) => operation is Operation.RemoveAll or Operation.RawIoctl or Operation.Advance or Operation.ArmPoll;

    /// <summary>Whether the operation is made for what it does, not for what it answers. Calls for all devices are seldom the cause.</summary>
    private static bool Changes(Operation operation) => operation is not (
        Operation.Version or Operation.Info or Operation.Status or Operation.Table or Operation.Deps or Operation.ListDevices
        or Operation.ListVersions or Operation.TargetVersion or Operation.Read or Operation.Flush) && !IsForAll(operation);

    private static bool Succeeds(StepRecord step) =>
        step.Outcome.OfOperation(Field.Errno) is null && step.Outcome.OfOperation(Field.OpenErrno) is null && !step.Unsent;
}
