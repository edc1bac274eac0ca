using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Model.Targets;

namespace DmSim.Harness.Fuzzing.Programs;

/// <summary>What a campaign makes programs of.</summary>
public enum FuzzKind
{
    Table = 1,
    Message,
    Ioctl,
    Metadata,
}

/// <summary>
/// What is done to a machine that stands on fresh ground and has no mapped devices; afterwards it is to be so again. Plain operations, so
/// that "dmsim replay" runs what was found.
/// </summary>
/// <param name="About">The target type it is about; empty when none in particular.</param>
/// <param name="Hurried">
/// Only loads tables and looks at them: nothing is expected to sleep, and nothing runs. Such a program is made as fast as the machine can.
/// </param>
public sealed record FuzzProgram(string About, OperationSequence Sequence, bool Hurried)
{
    private static readonly HashSet<string> Modelled = [.. TargetRegistry.All.Select(type => type.Name)];

    /// <summary>Whether every table asks for targets that the model has, so that it knows the right answers.</summary>
    public bool IsModelled => AllModelled(Sequence);

    private static bool AllModelled(OperationSequence sequence) => sequence.Operations.All(operation => operation switch
    {
        Operation.LoadTable load => load.Lines.All(line => Modelled.Contains(line.Type) || !GrammarNames.Contains(line.Type)),
        Operation.RawIoctl raw => !NamesUnmodelled(raw),
        _ => true,
    });

    private static readonly HashSet<string> GrammarNames = [.. Grammar.GrammarRegistry.All.Select(grammar => grammar.Name)];

    private static readonly byte[][] Unmodelled = [.. GrammarNames.Except(Modelled).Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary>Raw bytes may hold the name of a target anywhere that a spec may start.</summary>
    private static bool NamesUnmodelled(Operation.RawIoctl raw) => Array.Exists(Unmodelled, name => raw.Buffer.Span.IndexOf(name) >= 0);
}
