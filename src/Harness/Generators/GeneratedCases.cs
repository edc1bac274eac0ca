using System.Globalization;
using DmSim.Harness.Running;

namespace DmSim.Harness.Generators;

/// <summary>The cases that a seed names, numbered from 0: same seed, area and length, same cases.</summary>
public sealed class GeneratedCases(Area area, ulong seed, int count, int operations) : ICaseSource
{
    public int Count => count;

    public IOperationSource Open(int index) => new GeneratedCase(area, CasePlan.FromSeed(seed, index, operations));

    public string NameOf(int index) =>
        string.Create(CultureInfo.InvariantCulture, $"area {area.Name} seed {seed} case {index}");
}
