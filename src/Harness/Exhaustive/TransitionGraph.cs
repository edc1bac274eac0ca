namespace DmSim.Harness.Exhaustive;

/// <summary>States and edges as far as they are known; an edge is covered once the operation was made in the state.</summary>
internal sealed class TransitionGraph(IReadOnlyList<EdgeOperation> operations)
{
    private readonly Dictionary<(DeviceView From, int Operation), DeviceView> _edges = [];
    private readonly HashSet<DeviceView> _states = [DeviceView.Absent];

    public int States => _states.Count;
    public int Covered => _edges.Count;

    /// <summary>Edges of the states that are known: what there is to cover.</summary>
    public int Edges => _states.Sum(state => operations.Count(operation => operation.IsPossible(state)));

    public IEnumerable<(DeviceView State, string Operation)> Missing =>
        from state in _states
        from i in Enumerable.Range(0, operations.Count)
        where IsUncovered(state, i)
        select (state, operations[i].Name);

    /// <summary>True when the edge is new.</summary>
    public bool Take(DeviceView from, int operation, DeviceView to)
    {
        _states.Add(to);
        bool isNew = !_edges.ContainsKey((from, operation));
        // The last answer counts: where the state does not tell all, a walk must not wait for one that came once.
        _edges[(from, operation)] = to;
        return isNew;
    }

    private bool IsUncovered(DeviceView state, int operation) =>
        operations[operation].IsPossible(state) && !_edges.ContainsKey((state, operation));

    /// <summary>An operation that was not made in this state yet; else the first of the shortest way to a state that has one; else null.</summary>
    /// <param name="allowed">Which operations can be made now.</param>
    /// <param name="wanted">Which edges are looked for.</param>
    public int? Next(DeviceView state, Func<EdgeOperation, bool> allowed, Func<EdgeOperation, bool> wanted)
    {
        var first = new Dictionary<DeviceView, int?> { [state] = null };
        var open = new Queue<DeviceView>([state]);
        while (open.TryDequeue(out var at))
        {
            for (int i = 0; i < operations.Count; i++)
            {
                if (allowed(operations[i]) && wanted(operations[i]) && IsUncovered(at, i))
                    return first[at] ?? i;
            }
            for (int i = 0; i < operations.Count; i++)
            {
                if (allowed(operations[i]) && !operations[i].EndsCase && _edges.TryGetValue((at, i), out var to) && !first.ContainsKey(to))
                {
                    first.Add(to, first[at] ?? i);
                    open.Enqueue(to);
                }
            }
        }
        return null;
    }
}
