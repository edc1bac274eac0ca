using DmSim.Harness.Operations;

namespace DmSim.Harness.Generators;

/// <summary>
/// A part of the kernel that a campaign can be aimed at: which operations are drawn, and over which targets. One object per area, one
/// line in <see cref="AreaRegistry"/>.
/// </summary>
public abstract class Area
{
    /// <summary>What "--area" takes.</summary>
    public abstract string Name { get; }

    public abstract string Summary { get; }

    /// <summary>What is drawn, and how much more or less than its own weight says (in tenths).</summary>
    public abstract IReadOnlyList<(Rule Rule, int Tenths)> Rules { get; }

    /// <summary>Target types of table lines, by weight.</summary>
    public abstract IReadOnlyList<(string Type, int Weight)> Targets { get; }

    /// <summary>Of a hundred devices that a line is put on, how many are mapped devices (as far as there are any).</summary>
    public virtual int StackedPercent => 15;

    public virtual int MaxDevices => 4;

    /// <summary>Fewer devices than this say little here.</summary>
    public virtual int MinDevices => 1;

    /// <summary>The loop devices that a case starts with.</summary>
    public virtual ValueList<LoopSetup> Loops(Choices choices) => LoopSets.Draw(choices);

    protected static IEnumerable<(Rule, int)> Share(int tenths, IEnumerable<Rule> rules) => rules.Select(rule => (rule, tenths));
}
