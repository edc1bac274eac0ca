using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Metadata;

/// <summary>Damaged metadata, and what is asked of who opens them.</summary>
/// <param name="Damage">What was done to the image.</param>
public sealed record DamagedCase(string Name, string Damage, OperationSequence Sequence);

/// <summary>What can be damaged.</summary>
/// <param name="Name">What "dmsim fuzz --kind" takes.</param>
/// <param name="Plural">What the cases are called in a summary.</param>
/// <param name="Cases">Numbered cases of a seed, made from what the model writes: same seed, same damage.</param>
/// <param name="IsOpened">Whether what was damaged is in use.</param>
/// <param name="FurtherDamage">What a case has harmed that was sound before; null when nothing.</param>
public sealed record DamagedKind(string Name, string Plural, Func<Func<IMachine>, ulong, Func<int, DamagedCase>> Cases,
    Func<DamagedCase, World, bool> IsOpened, Func<DamagedCase, IMachine, string?> FurtherDamage)
{
    public static DamagedKind Pool { get; } = new("metadata", "damaged pools", (model, seed) => new DamagedPools(model, seed).Get,
        (_, world) => world.Devices.Any(device => device.Live is [{ Type: "thin-pool" }]), DamagedPools.FurtherDamage);

    public static DamagedKind Store { get; } = new("store", "damaged stores of snapshots", (model, seed) => new DamagedStores(model, seed).Get,
        DamagedStores.IsOpened, DamagedStores.FurtherDamage);
}
