using DmSim.Abi;
using DmSim.Harness.Generators;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Exhaustive;

/// <summary>What the walks over one target type's graph came to.</summary>
/// <param name="Missing">Edges that no walk has reached; none, if all is well.</param>
public sealed record TransitionCover(
    string Type, int States, int Edges, int Covered, IReadOnlyList<string> Missing, IReadOnlyList<OperationSequence> Cases)
{
    public int Operations => Cases.Sum(sequence => sequence.Operations.Count);
}

/// <summary>
/// Walks over the transition graph of one mapped device until every operation has been made in every state that can be reached. The
/// graph is not written down anywhere: it is what the reference machine shows, learnt on the way. A walk makes whatever is new in the
/// state it is in, and else takes the shortest way to a state with something new; many edges fit into one case.
/// </summary>
internal sealed class TransitionWalk
{
    /// <summary>Blocked operations hold a thread each in the guest.</summary>
    private const int MaxPending = 4;

    /// <summary>Steps without a new edge after which a walk gives up: it goes round where the state does not tell all.</summary>
    private const int Patience = 25;

    /// <summary>Operations at the end of a case that lead to something that ends it.</summary>
    private const int EndLength = 10;

    private static readonly ValueList<LoopSetup> Loops =
        [new(0, new Sectors(128).ToBytes()), new(1, new Sectors(128).ToBytes())];

    private readonly Func<IMachine> _freshModel;
    private readonly IReadOnlyList<EdgeOperation> _operations;
    private readonly TransitionGraph _graph;
    private readonly TargetTables _tables;
    private readonly int _maxOperations;

    /// <param name="maxOperations">Of one case.</param>
    public TransitionWalk(Func<IMachine> freshModel, TargetTables tables, int maxOperations)
    {
        _freshModel = freshModel;
        _tables = tables;
        _maxOperations = maxOperations;
        _operations = EdgeOperations.For(tables);
        _graph = new TransitionGraph(_operations);
    }

    public async ValueTask<TransitionCover> CoverAsync(CancellationToken cancel)
    {
        var cases = new List<OperationSequence>();
        // Two fruitless walks in a row begin and end alike: what is missing then cannot be reached.
        for (int fruitless = 0; fruitless < 2;)
        {
            cancel.ThrowIfCancellationRequested();
            int covered = _graph.Covered;
            var walked = await WalkAsync();
            fruitless = _graph.Covered == covered ? fruitless + 1 : 0;
            if (fruitless == 0)
                cases.Add(walked);
        }
        return new TransitionCover(_tables.Type, _graph.States, _graph.Edges, _graph.Covered,
            [.. _graph.Missing.Select(edge => $"{edge.Operation} in {edge.State}")], cases);
    }

    private async ValueTask<OperationSequence> WalkAsync()
    {
        await using var machine = _freshModel();
        // Contents say nothing about the state; only what was touched is read.
        var stepper = new CaseStepper(machine, LookPolicy.WhenTouched);
        await stepper.SetUpAsync(Loops);
        var made = new List<Operation>();
        var dangling = new DanglingMetadata();
        var state = DeviceView.Absent;
        for (int idle = 0; made.Count < _maxOperations && idle < Patience;)
        {
            if (Choose(state, stepper.World, dangling.Any, nearEnd: made.Count >= _maxOperations - EndLength) is not { } index)
                break;
            var device = stepper.World.Devices.Count > 0 ? stepper.World.Devices[0] : null;
            var operation = _operations[index].Make(device?.Name ?? Naming.Name(0), device?.EventNr ?? 0);
            made.Add(operation);
            var step = await stepper.StepAsync(operation);
            dangling.Follow(step.Context.Before, operation, step.Context.After);
            var next = DeviceView.After(state, operation, step.Outcome.OfOperation(Field.Errno) is null, step.Context.After);
            idle = _graph.Take(state, index, next) ? 0 : idle + 1;
            state = next;
            if (_operations[index].EndsCase)
                break;
        }
        return new OperationSequence(Loops, ValueList.From(made));
    }

    /// <summary>What can only be done at the end of a case is done there, as long as there is any left, and else when nothing else is left.</summary>
    private int? Choose(DeviceView state, World world, bool dangling, bool nearEnd)
    {
        if (nearEnd && _graph.Next(state, IsAllowedNow, operation => operation.EndsCase) is { } last)
            return last;
        return _graph.Next(state, IsAllowedNow, operation => !operation.EndsCase)
            ?? _graph.Next(state, IsAllowedNow, operation => operation.EndsCase);

        bool IsAllowedNow(EdgeOperation operation) => IsAllowed(operation, world) && !(dangling && operation.Name is ("rename" or "set-uuid"));
    }

    /// <summary>Two waits at a time would tell no more than one.</summary>
    private static bool IsAllowed(EdgeOperation operation, World world) => !operation.MayBlock
        || (world.Pending.Count < MaxPending && (operation.Name != "wait" || !world.Pending.Any(p => p.Operation is Operation.Wait)));
}
