using DmSim.Abi;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Tables;

/// <summary>No parameters (zero_ctr, drivers/md/dm-zero.c, 6.1). Takes lengths that no device below could hold.</summary>
internal sealed class ZeroLine : LineGenerator
{
    public override string Type => "zero";

    public override string Sound(Scene scene, DeviceState owner, ref Sectors length)
    {
        length = Lengths.MaybeHuge(scene, length);
        return scene.Choices.Percent(5) ? " " : "";
    }

    public override string Wrong(Scene scene, DeviceState owner, Sectors length) => scene.Choices.Pick("x", "0", "7:0 0", "\\", " a b");
}
