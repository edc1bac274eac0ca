using DmSim.Harness.Operations;

namespace DmSim.Harness.Generators;

/// <summary>
/// The features and weights of one case. Drawing them anew for each case, with some rules off and others frequent, reaches states
/// that one fixed mixture hardly ever reaches (swarm testing).
/// </summary>
public sealed class Swarm
{
    private readonly int[] _factors;

    public Swarm(Area area, ulong features)
    {
        Area = area;
        var choices = new Choices(features);
        MaxDevices = Math.Clamp(choices.Pick(1, 2, 2, 3, 3, 4, 6), area.MinDevices, area.MaxDevices);
        WrongPercent = choices.Pick(10, 20, 25, 25, 30, 40);
        ByNamePercent = choices.Pick(60, 80, 100);
        HasUuids = choices.Percent(60);
        Loops = area.Loops(choices);
        _factors = [.. area.Rules.Select(entry => Factor(entry.Rule, choices) * entry.Tenths)];
        Targets = DrawTargets(area, choices);
    }

    public Area Area { get; }

    /// <summary>So many devices are created on purpose.</summary>
    public int MaxDevices { get; }

    /// <summary>How many of a hundred operations are meant to be refused.</summary>
    public int WrongPercent { get; }

    /// <summary>How many of a hundred devices are named by name, the others by uuid or number.</summary>
    public int ByNamePercent { get; }

    public bool HasUuids { get; }

    public ValueList<LoopSetup> Loops { get; }

    /// <summary>Target types of this case, by weight.</summary>
    public IReadOnlyList<(string Type, int Weight)> Targets { get; }

    /// <summary>The factor for the weight of the area's rule at the index; 0 is off.</summary>
    public int FactorOf(int ruleIndex) => _factors[ruleIndex];

    private static int Factor(Rule rule, Choices choices)
    {
        int factor = choices.Pick(0, 1, 1, 2, 2, 2, 4, 8);
        return rule.IsBasic ? 2 : factor;
    }

    /// <summary>Each type is in with its weight, or tripled, or out; the first named is never out.</summary>
    private static (string, int)[] DrawTargets(Area area, Choices choices)
    {
        var targets = new List<(string, int)>();
        foreach (var (type, weight) in area.Targets)
        {
            int factor = choices.Pick(0, 1, 1, 3);
            if (targets.Count == 0)
                factor = Math.Max(1, factor);
            if (factor > 0)
                targets.Add((type, checked(weight * factor)));
        }
        return [.. targets];
    }
}
