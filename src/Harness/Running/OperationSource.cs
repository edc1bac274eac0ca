using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Running;

/// <summary>Gives a case its operations one by one, each after having seen what the one before has done to the reference machine.</summary>
public interface IOperationSource
{
    ValueList<LoopSetup> Loops { get; }

    /// <summary>The next operation, or null at the end.</summary>
    Operation? Next(World world);
}

/// <summary>A numbered supply of cases; the same number gives the same case.</summary>
public interface ICaseSource
{
    /// <summary>How many cases there are.</summary>
    int Count { get; }

    /// <summary>The case with that number, from 0; called from several threads.</summary>
    IOperationSource Open(int index);

    /// <summary>How the case is named in reports: "seed 42 case 17".</summary>
    string NameOf(int index);
}

/// <summary>A sequence that is known beforehand, as a source.</summary>
public sealed class FixedSource(OperationSequence sequence) : IOperationSource
{
    private int _next;

    public ValueList<LoopSetup> Loops => sequence.Loops;

    public Operation? Next(World world) => _next < sequence.Operations.Count ? sequence.Operations[_next++] : null;
}

/// <summary>Known sequences as numbered cases.</summary>
public sealed class FixedCases(IReadOnlyList<(string Name, OperationSequence Sequence)> cases) : ICaseSource
{
    public int Count => cases.Count;
    public IOperationSource Open(int index) => new FixedSource(cases[index].Sequence);
    public string NameOf(int index) => cases[index].Name;
}
