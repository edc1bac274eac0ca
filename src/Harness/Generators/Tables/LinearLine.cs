using DmSim.Abi;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Tables;

/// <summary>"device offset" (linear_ctr, drivers/md/dm-linear.c, 6.1).</summary>
internal sealed class LinearLine : LineGenerator
{
    public override string Type => "linear";

    public override string Sound(Scene scene, DeviceState owner, ref Sectors length) =>
        Ground.Find(scene, owner, ref length).ToString();
}
