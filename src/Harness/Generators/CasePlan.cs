using FsCheck;
using FsCheck.Fluent;

namespace DmSim.Harness.Generators;

/// <summary>
/// What a case is decoded from: one word for the features and weights of the whole case, one for each operation. Any words make a
/// well-formed case, because what a word means is decided against the state that the operations before it have led to.
/// </summary>
/// <param name="Features">Decoded by <see cref="Swarm"/>.</param>
/// <param name="Operations">Decoded one by one by <see cref="GeneratedCase"/>.</param>
public sealed record CasePlan(ulong Features, IReadOnlyList<ulong> Operations)
{
    private static readonly Gen<ulong> Words =
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        select unchecked(((ulong)(uint)high << 32) | (uint)low);

    /// <summary>Plans of so many operations, for FsCheck's runner or <see cref="FromSeed"/>.</summary>
    public static Gen<CasePlan> OfLength(int operations) =>
        from features in Words
        from words in Words.ArrayOf(operations)
        select new CasePlan(features, words);

    /// <summary>The plan with a number in the endless list that the seed names.</summary>
    public static CasePlan FromSeed(ulong seed, int index, int operations)
    {
        // The second word of FsCheck's generator must be odd; which odd number makes no difference.
        var random = new Rnd(new Choices(unchecked(seed ^ ((ulong)index << 32))).Next(), 1);
        return OfLength(operations).Sample(1, random, operations)[0];
    }
}
