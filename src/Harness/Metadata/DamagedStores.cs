using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Generators;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using DmSim.Harness.Running;

namespace DmSim.Harness.Metadata;

/// <summary>
/// Snapshots of which one has a damaged store, numbered: same seed, same damage. The images are what snapshots of random cases leave on the
/// model, which a kernel would have left as well.
/// </summary>
internal sealed class DamagedStores(Func<IMachine> freshModel, ulong seed)
{
    private readonly LeftImages _images = new(i => Image(freshModel, seed, i));

    public DamagedCase Get(int index)
    {
        var choices = LeftImages.ChoicesOf(seed, index);
        ValueList<LoopSetup> loops;
        int loop;
        byte[] image;
        // A case may have wiped a store, or had no room for it.
        do
        {
            loops = _images.Any(choices);
            loop = choices.AnyOf(StoreScenes.StoreLoops);
            image = loops[loop].Contents!.TryUnpack()!;
        }
        while (StoreMutator.Identity(image) is null);
        // Trailing zeros are not kept; the device ends where it did.
        Array.Resize(ref image, checked((int)loops[loop].Size.Value));
        string damage = StoreMutator.Mutate(image, choices);
        var damaged = loops.Select(setup => setup.Index == loop ? setup with { Contents = LoopContents.Of(image) } : setup);
        return new DamagedCase(string.Create(CultureInfo.InvariantCulture, $"damaged store {index} seed {seed}"), $"loop {loop}: {damage}",
            StoreScenes.Probe(ValueList.From(damaged), loop));
    }

    public static bool IsOpened(DamagedCase damaged, World world)
    {
        string cow = $"7:{StoreScenes.ProbedStore(damaged.Sequence)}";
        return world.Devices.Any(device => device.Live is [{ Type: "snapshot" } line] && line.Parameters.Split(' ')[1] == cow);
    }

    /// <summary>The other store is still one, of the same version and chunks.</summary>
    public static string? FurtherDamage(DamagedCase damaged, IMachine machine)
    {
        int probed = StoreScenes.ProbedStore(damaged.Sequence);
        foreach (int loop in StoreScenes.StoreLoops.Where(loop => loop != probed))
        {
            if (damaged.Sequence.Loops[loop].Contents is not { } contents || StoreMutator.Identity(contents.TryUnpack()) is not { } before)
                continue;
            byte[] header = new byte[Sectors.BytesPerSector];
            var errno = machine.Open(DeviceNumber.Loop(loop), OpenMode.Read, out var device);
            if (errno != Errno.None)
                return $"loop {loop} cannot be opened any more: {errno}";
            using (device)
                LeftImages.Completed(device!.ReadAsync(0, header));
            if (StoreMutator.Identity(header) != before)
                return $"loop {loop} had a sound store and has none now";
        }
        return null;
    }

    /// <summary>The stores; what lies on the origin does not matter here.</summary>
    private static ValueList<LoopSetup> Image(Func<IMachine> freshModel, ulong seed, int index)
    {
        var machine = freshModel();
        var work = ReferenceRun.RunAsync(machine, StoreScenes.Fresh(unchecked(seed + 78), index, LeftImages.Operations), LookPolicy.WhenTouched);
        var loops = LeftImages.Completed(work).Sequence.Loops;
        var runner = new BatchRunner(machine);
        return ValueList.From(loops.Where(loop => loop.Index <= StoreScenes.StoreLoops[^1]).Select(loop =>
        {
            var dumped = LeftImages.Dump(runner, loop.Index);
            return StoreScenes.StoreLoops.Contains(loop.Index) ? dumped : new LoopSetup(loop.Index, dumped.Size);
        }));
    }
}
