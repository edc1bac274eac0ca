using DmSim.Abi;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Shrinking;

/// <summary>A mapped device from one creation to its removal, or a loop device.</summary>
/// <param name="Id">Of a mapped device a running number, so that a device made later under the same name is another one; of a loop its index.</param>
internal readonly record struct Thing(bool IsLoop, int Id);

/// <summary>Which devices each operation of a case has to do with, learnt from the states of the reference machine.</summary>
internal sealed class Footprints
{
    private readonly List<HashSet<Thing>> _touched = [];
    private readonly Dictionary<Thing, HashSet<Thing>> _below = [];
    private readonly Dictionary<DeviceNumber, Thing> _alive = [];
    private readonly Dictionary<int, Thing> _handles = [];
    private int _lastId;

    /// <param name="steps">The set-up, then one step for each operation, as far as the case went.</param>
    public Footprints(IReadOnlyList<StepRecord> steps)
    {
        foreach (var step in steps)
            Take(step.Context);
    }

    /// <summary>What the operation of the step touches; nothing where it names no device that exists.</summary>
    public IReadOnlySet<Thing> OfStep(int step) => step < _touched.Count ? _touched[step] : new HashSet<Thing>();

    /// <summary>What an operation that never came to its end would touch, in the last state that is known.</summary>
    public IReadOnlySet<Thing> OfUnfinished(Operation operation, World before)
    {
        var touched = new HashSet<Thing>();
        AddNamed(touched, operation, before, before);
        return touched;
    }

    /// <summary>The things and all that their tables ever rested on.</summary>
    public HashSet<Thing> WithBelow(IEnumerable<Thing> things) => Close(things, thing => _below.GetValueOrDefault(thing) ?? []);

    /// <summary>As <see cref="WithBelow"/>, and all that ever rested on one of them.</summary>
    public HashSet<Thing> WithBelowAndAbove(IEnumerable<Thing> things) => Close(things, thing =>
        (_below.GetValueOrDefault(thing) ?? []).Concat(_below.Where(pair => pair.Value.Contains(thing)).Select(pair => pair.Key)));

    private static HashSet<Thing> Close(IEnumerable<Thing> things, Func<Thing, IEnumerable<Thing>> next)
    {
        var closed = things.ToHashSet();
        var open = new Queue<Thing>(closed);
        while (open.TryDequeue(out var thing))
        {
            foreach (var other in next(thing))
            {
                if (closed.Add(other))
                    open.Enqueue(other);
            }
        }
        return closed;
    }

    /// <summary>What a subject of a difference stands for after the step.</summary>
    public IEnumerable<Thing> Of(Subject subject, StepContext context)
    {
        if (subject.Kind == SubjectKind.Loop)
            return [new Thing(IsLoop: true, int.Parse(subject.Name, System.Globalization.CultureInfo.InvariantCulture))];
        if (subject.Kind == SubjectKind.Completion)
            return OfStep(int.Parse(subject.Name, System.Globalization.CultureInfo.InvariantCulture));
        if (subject.Kind == SubjectKind.Device && (context.After.Find(subject.Name) ?? context.Before.Find(subject.Name)) is { } device)
            return Find(device.Number) is { } thing ? [thing] : [];
        return [];
    }

    private void Take(StepContext context)
    {
        foreach (var device in context.After.Devices)
        {
            if (context.Before.Find(device.Number) is null)
                _alive[device.Number] = new Thing(IsLoop: false, ++_lastId);
        }
        foreach (var device in context.After.Devices)
        {
            if (device.LiveDeps.Count + device.InactiveDeps.Count == 0 || Find(device.Number) is not { } thing)
                continue;
            if (!_below.TryGetValue(thing, out var below))
                _below.Add(thing, below = []);
            below.UnionWith(device.LiveDeps.Concat(device.InactiveDeps).Select(Find).OfType<Thing>());
        }
        var touched = new HashSet<Thing>();
        if (context.Operation is { } operation)
            AddNamed(touched, operation, context.Before, context.After);
        _touched.Add(touched);
    }

    private void AddNamed(HashSet<Thing> touched, Operation operation, World before, World after)
    {
        switch (operation)
        {
            case Operation.Create create:
                Add(touched, after.Find(create.Name)?.Number);
                Add(touched, create.Uuid is { } uuid ? after.Resolve(DeviceRef.ByUuid(uuid)) : null);
                break;
            case Operation.Rename rename:
                Add(touched, before.Find(rename.NewName)?.Number);
                Add(touched, before.Resolve(rename.Device));
                break;
            case Operation.OnDevice on:
                Add(touched, before.Resolve(on.Device));
                break;
            case Operation.Open open:
                Add(touched, before.Resolve(open.Device));
                if (touched.Count == 1 && after.Handles.Any(handle => handle.Handle == open.Handle))
                    _handles[open.Handle] = touched.First();
                break;
            case Operation.Close close:
                AddHandle(touched, close.Handle);
                break;
            case Operation.Io { Target: { Handle: { } handle } }:
                AddHandle(touched, handle);
                break;
            case Operation.Io { Target: { Device: { } device } }:
                Add(touched, before.Resolve(device));
                break;
            case Operation.LoopAttach { Index: var index }:
                touched.Add(new Thing(IsLoop: true, index));
                break;
            case Operation.LoopDetach { Index: var index }:
                touched.Add(new Thing(IsLoop: true, index));
                break;
            case Operation.Attribute attribute:
                Add(touched, before.Resolve(attribute.Device));
                break;
            case Operation.LoopResize { Index: var index }:
                touched.Add(new Thing(IsLoop: true, index));
                break;
        }
    }

    private void AddHandle(HashSet<Thing> touched, int handle)
    {
        if (_handles.TryGetValue(handle, out var thing))
            touched.Add(thing);
    }

    private void Add(HashSet<Thing> touched, DeviceNumber? number)
    {
        if (number is { } known && Find(known) is { } thing)
            touched.Add(thing);
    }

    private Thing? Find(DeviceNumber number) => number.Major == DeviceNumber.LoopMajor
        ? new Thing(IsLoop: true, (int)number.Minor)
        : _alive.TryGetValue(number, out var thing) ? thing : null;
}
