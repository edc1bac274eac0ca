using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Generators;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Running;

namespace DmSim.Harness.Metadata;

/// <summary>
/// Pools whose metadata was damaged, numbered: same seed, same damage. The images are what pools of random cases leave on the model,
/// which a kernel would have left as well.
/// </summary>
internal sealed class DamagedPools(Func<IMachine> freshModel, ulong seed)
{
    private readonly LeftImages _images = new(i => Image(freshModel, seed, i));

    public DamagedCase Get(int index)
    {
        var choices = LeftImages.ChoicesOf(seed, index);
        var loops = _images.Any(choices);
        byte[] image = loops[PoolScenes.MetadataLoop].Contents!.TryUnpack()!;
        // Trailing zeros are not kept; whole blocks are what is damaged.
        Array.Resize(ref image, (image.Length + DumpedBlock.Bytes - 1) / DumpedBlock.Bytes * DumpedBlock.Bytes);
        string damage = MetadataMutator.Mutate(image, choices);
        var damaged = loops.Select(loop => loop.Index == PoolScenes.MetadataLoop ? loop with { Contents = LoopContents.Of(image) } : loop);
        return new DamagedCase(string.Create(CultureInfo.InvariantCulture, $"damage {index} seed {seed}"), damage,
            PoolScenes.Probe(ValueList.From(damaged)));
    }

    /// <summary>Only the metadata; what lies on the data device does not matter here.</summary>
    private static ValueList<LoopSetup> Image(Func<IMachine> freshModel, ulong seed, int index)
    {
        var machine = freshModel();
        var work = ReferenceRun.RunAsync(machine, PoolScenes.Fresh(unchecked(seed + 77), index, LeftImages.Operations), LookPolicy.WhenTouched);
        var loops = LeftImages.Completed(work).Sequence.Loops;
        var metadata = LeftImages.Dump(new BatchRunner(machine), PoolScenes.MetadataLoop);
        return ValueList.From(loops.Select(loop => loop.Index == metadata.Index ? metadata : loop));
    }

    /// <summary>A block whose checksum was right is still a block of some kind in the end.</summary>
    public static string? FurtherDamage(DamagedCase pool, IMachine machine)
    {
        byte[] before = pool.Sequence.Loops[PoolScenes.MetadataLoop].Contents!.TryUnpack()!;
        var errno = machine.Open(DeviceNumber.Loop(PoolScenes.MetadataLoop), OpenMode.Read, out var device);
        if (errno != Errno.None)
            return $"the metadata device cannot be opened any more: {errno}";
        using (device)
        {
            byte[] after = new byte[device!.Limits().Size];
            LeftImages.Completed(device.ReadAsync(0, after));
            for (int at = 0; at + DumpedBlock.Bytes <= Math.Min(before.Length, after.Length); at += DumpedBlock.Bytes)
            {
                var block = after.AsSpan(at, DumpedBlock.Bytes);
                if (MetadataMutator.NameOf(before.AsSpan(at, DumpedBlock.Bytes)) is { } kind && MetadataMutator.NameOf(block) is null
                    && block.ContainsAnyExcept((byte)0))
                    return $"block {at / DumpedBlock.Bytes} was a good {kind} and is none now";
            }
        }
        return null;
    }
}
