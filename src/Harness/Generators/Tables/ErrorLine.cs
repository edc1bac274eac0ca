using DmSim.Abi;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Tables;

/// <summary>The constructor looks at nothing (io_err_ctr, drivers/md/dm-target.c, 6.1), so any parameters are sound.</summary>
internal sealed class ErrorLine : LineGenerator
{
    public override string Type => "error";

    public override string Sound(Scene scene, DeviceState owner, ref Sectors length)
    {
        length = Lengths.MaybeHuge(scene, length);
        return scene.Choices.Percent(85) ? "" : scene.Choices.Pick("x", "7:0 0", "a b c d e f g h i j k", "7:0 0 extra");
    }
}
