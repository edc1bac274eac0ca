using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;

namespace DmSim.Harness.Generators;

/// <summary>Decodes a plan into operations, each against the state that the ones before have led to.</summary>
public sealed class GeneratedCase : IOperationSource
{
    private const int Attempts = 12;

    private readonly CasePlan _plan;
    private readonly Swarm _swarm;
    private readonly int[] _weights;
    private readonly DanglingMetadata _dangling = new();
    private World _before = World.Empty;
    private Operation? _last;
    private int _next;

    public GeneratedCase(Area area, CasePlan plan)
    {
        _plan = plan;
        _swarm = new Swarm(area, plan.Features);
        _weights = new int[area.Rules.Count];
    }

    public ValueList<LoopSetup> Loops => _swarm.Loops;

    /// <summary>Told of every operation and the rule that made it; for statistics.</summary>
    public Action<Rule, Operation>? Drawn { get; init; }

    public Operation? Next(World world)
    {
        if (_next >= _plan.Operations.Count)
            return null;
        if (_last is not null)
            _dangling.Follow(_before, _last, world);
        _before = world;
        var scene = new Scene(world, _swarm, _next + 1, new Choices(_plan.Operations[_next]), _dangling);
        _next++;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if (PickRule(scene) is not { } rule || rule.Draw(scene) is not { } operation || Avoided.Find(operation, scene) is not null)
                continue;
            Drawn?.Invoke(rule, operation);
            return _last = operation;
        }
        return _last = new Operation.ListDevices();
    }

    private Rule? PickRule(Scene scene)
    {
        var rules = _swarm.Area.Rules;
        bool wrong = scene.Choices.Percent(_swarm.WrongPercent);
        long total = 0;
        for (int i = 0; i < _weights.Length; i++)
        {
            var rule = rules[i].Rule;
            _weights[i] = rule.IsWrong == wrong && _swarm.FactorOf(i) > 0 ? checked(rule.Weight(scene) * _swarm.FactorOf(i)) : 0;
            total += _weights[i];
        }
        if (total == 0)
            return null;
        long at = (long)scene.Choices.Below((ulong)total);
        for (int i = 0; i < _weights.Length; i++)
        {
            at -= _weights[i];
            if (at < 0)
                return rules[i].Rule;
        }
        throw new InvalidOperationException("weights changed while drawing");
    }
}
