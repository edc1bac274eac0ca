using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Generators;

/// <summary>Loop devices to start with: mostly the usual ones, now and then odd sizes and read-only ones.</summary>
internal static class LoopSets
{
    private static readonly ulong[] Sizes = [1, 7, 8, 63, 64, 100, 256, 511, 512, 513, 1000, 1024, 2048];

    public static ValueList<LoopSetup> Draw(Choices choices)
    {
        if (choices.Percent(60))
            return OperationSequence.UsualLoops;
        var loops = new LoopSetup[choices.Between(1, 4)];
        for (int i = 0; i < loops.Length; i++)
        {
            var size = new Sectors(choices.Percent(50) ? 512 : choices.AnyOf(Sizes)).ToBytes();
            if (choices.Percent(5))
                size = new Bytes(size.Value + (ulong)choices.Between(1, 511));
            loops[i] = new LoopSetup(i, size, choices.Percent(10));
        }
        return ValueList.From(loops);
    }
}
