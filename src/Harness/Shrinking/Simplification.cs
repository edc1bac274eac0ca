using DmSim.Harness.Operations;

namespace DmSim.Harness.Shrinking;

/// <summary>A place in a sequence that has a simpler form.</summary>
/// <param name="Operation">Index of the operation, or of the loop device, or of a name.</param>
/// <param name="Field">Which of its fields, counted as a walk meets them.</param>
internal readonly record struct EditPlace(int Operation, int Field);

/// <summary>One way of making a sequence simpler, which may apply in many places.</summary>
internal abstract class Simplification
{
    public static IReadOnlyList<Simplification> All { get; } =
    [
        new NoRenames(),
        new FieldSimplification((places, chosen) => new PlainFields(chosen, places)),
        new PlainLoops(),
        new FieldSimplification((places, chosen) => new ZeroTables(chosen, places)),
        new FieldSimplification((places, chosen) => new SmallSizes(chosen, places, length: 1)),
        new FieldSimplification((places, chosen) => new SmallSizes(chosen, places, length: 8)),
        new FieldSimplification((places, chosen) => new OneLineTables(chosen, places)),
        new FieldSimplification((places, chosen) => new BareTables(chosen, places)),
        new FieldSimplification((places, chosen) => new ShortTables(chosen, places)),
    ];

    public abstract IReadOnlyList<EditPlace> Places(OperationSequence sequence);

    public abstract OperationSequence Apply(OperationSequence sequence, IReadOnlyList<EditPlace> places);
}

/// <summary>Loop devices of the usual size that can be written.</summary>
internal sealed class PlainLoops : Simplification
{
    private static LoopSetup Plain(LoopSetup loop) => loop.Contents is null ? new(loop.Index, OperationSequence.UsualLoops[0].Size) : loop;

    public override IReadOnlyList<EditPlace> Places(OperationSequence sequence) =>
        [.. sequence.Loops.Select((loop, i) => (loop, i)).Where(x => x.loop != Plain(x.loop)).Select(x => new EditPlace(x.i, 0))];

    public override OperationSequence Apply(OperationSequence sequence, IReadOnlyList<EditPlace> places) => sequence with
    {
        Loops = ValueList.From(sequence.Loops.Select((loop, i) => places.Any(place => place.Operation == i) ? Plain(loop) : loop)),
    };
}
