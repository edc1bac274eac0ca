using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Rules;

/// <summary>Reads, writes, discards, zero-outs and flushes, drawn towards the edges of table lines, chunks and devices.</summary>
internal static class IoRules
{
    private const ulong MaxSectors = 1024;

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("read", Weight(8), scene => On(scene) is { } t ? Transfer(scene, t, write: false) : null),
        new("write", Weight(12), scene => On(scene) is { } t ? Transfer(scene, t, write: true) : null),
        new("discard", Weight(3), scene => On(scene) is { } t ? Discard(scene, t) : null),
        new("zero-out", Weight(3), scene => On(scene) is { } t ? ZeroOut(scene, t) : null),
        new("secure-erase", Weight(1), scene => On(scene) is { } t ? SecureErase(scene, t) : null),
        new("flush", Weight(3), scene => On(scene) is { } t ? new Operation.Flush(t.Target) : null),
        new("write-loop", scene => scene.World.Loops.Count > 0 ? 2 : 0, scene => OnLoop(scene) is { } t ? Transfer(scene, t, write: true) : null),
        new("discard-loop", scene => scene.World.Loops.Count > 0 ? 1 : 0, scene => OnLoop(scene) is { } t ? Discard(scene, t) : null),
        new("read-past-end", Weight(2), scene => On(scene) is { } t ? PastEnd(scene, t) : null) { IsWrong = true },
        new("misaligned-io", Weight(3), scene => On(scene) is { } t ? Misaligned(scene, t) : null) { IsWrong = true },
        new("io-on-missing", _ => 1, OnMissing) { IsWrong = true },
    ];

    /// <summary>What an I/O goes to, and the places on it that are worth while.</summary>
    private readonly record struct Goal(IoTarget Target, Sectors Size, DeviceState? Device);

    private static Func<Scene, int> Weight(int weight) => scene =>
    {
        if (!scene.Has(d => d.HasLive))
            return 0;
        return scene.Has(d => d.HasLive && !scene.World.IsBlocked(d.Number)) ? weight * 2
            : scene.World.Pending.Count < QueryRules.MaxPending ? 1 : 0;
    };

    private static Goal? On(Scene scene)
    {
        if (scene.World.Handles.Count > 0 && scene.Choices.Percent(35))
        {
            var handle = scene.Choices.AnyOf(scene.World.Handles);
            return new Goal(IoTarget.OnHandle(handle.Handle), scene.SizeOf(handle.Device), scene.World.Find(handle.Device));
        }
        // A blocked device makes the I/O pend, which is worth seeing, but not every time.
        var device = scene.Preferably(d => d.HasLive && !scene.World.IsBlocked(d.Number), 90);
        if (device is null || (scene.World.IsBlocked(device.Number) && scene.World.Pending.Count >= QueryRules.MaxPending))
            return null;
        return new Goal(IoTarget.On(DeviceRef.ByName(device.Name)), device.Size, device);
    }

    private static Goal? OnLoop(Scene scene)
    {
        var loop = scene.Choices.AnyOf(scene.World.Loops);
        return new Goal(IoTarget.On(DeviceRef.Loop(loop.Index)), loop.Size.ToSectorsFloor(), null);
    }

    private static Operation Transfer(Scene scene, Goal goal, bool write)
    {
        var (start, length) = Range(scene, goal);
        return write
            ? new Operation.Write(goal.Target, start.ToBytes(), length.ToBytes(), scene.Choices.Percent(10) ? 0 : (ulong)scene.Step)
            : new Operation.Read(goal.Target, start.ToBytes(), length.ToBytes());
    }

    private static Operation.Discard Discard(Scene scene, Goal goal)
    {
        var (start, length) = Range(scene, goal);
        return new Operation.Discard(goal.Target, start.ToBytes(), length.ToBytes());
    }

    private static Operation.ZeroOut ZeroOut(Scene scene, Goal goal)
    {
        var (start, length) = Range(scene, goal);
        return new Operation.ZeroOut(goal.Target, start.ToBytes(), length.ToBytes());
    }

    private static Operation.SecureErase SecureErase(Scene scene, Goal goal)
    {
        var (start, length) = Range(scene, goal);
        return new Operation.SecureErase(goal.Target, start.ToBytes(), length.ToBytes());
    }

    /// <summary>A run of sectors that begins, ends or lies across an interesting place, and stays on the device.</summary>
    private static (Sectors Start, Sectors Length) Range(Scene scene, Goal goal)
    {
        ulong size = goal.Size.Value;
        if (size == 0)
            return (Sectors.Zero, new Sectors(1));
        var choices = scene.Choices;
        if (choices.Percent(8))
            return (Sectors.Zero, new Sectors(Math.Min(size, MaxSectors)));
        ulong length = Math.Min(size, choices.Percent(85) ? choices.Pick(1UL, 1, 2, 3, 7, 8, 9, 16, 24, 64) : choices.Below(MaxSectors) + 1);
        ulong place = Place(scene, goal);
        ulong back = choices.Pick(0UL, 0, length, length / 2, choices.Below(length + 1));
        ulong start = place > back ? place - back : 0;
        start = Math.Min(start, size - 1);
        return (new Sectors(start), new Sectors(Math.Max(1, Math.Min(length, size - start))));
    }

    /// <summary>A sector where something changes: an edge of a line, of a chunk, the end, or anywhere.</summary>
    private static ulong Place(Scene scene, Goal goal)
    {
        var choices = scene.Choices;
        ulong size = goal.Size.Value;
        if (goal.Device is not { Live.Count: > 0 } device || choices.Percent(25))
            return choices.Percent(50) ? choices.Pick(0UL, size, 8, size / 2) : choices.Below(size);
        var line = choices.AnyOf(device.Live);
        if (line.Type == "striped" && choices.Percent(60) && ChunkOf(line) is { } chunk)
            return line.Start.Value + chunk * choices.Below(Math.Max(1, line.Length.Value / chunk));
        return choices.Percent(50) ? line.Start.Value : line.Start.Value + line.Length.Value;
    }

    private static ulong? ChunkOf(TableLine line)
    {
        string[] words = line.Parameters.Split(' ', 3);
        return words.Length > 1 && ulong.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong chunk) && chunk > 0
            ? chunk : null;
    }

    private static Operation PastEnd(Scene scene, Goal goal)
    {
        ulong size = goal.Size.ToBytes().Value;
        ulong sector = Sectors.BytesPerSector;
        ulong start = scene.Choices.Pick(size, size > 0 ? size - sector : 0, size + sector, size + 4096, 1UL << 62);
        ulong length = scene.Choices.Pick(sector, 2 * sector, 4096);
        return scene.Choices.Below(4) switch
        {
            0 => new Operation.Write(goal.Target, new Bytes(start), new Bytes(length), (ulong)scene.Step),
            1 => new Operation.Discard(goal.Target, new Bytes(start), new Bytes(length)),
            2 => new Operation.ZeroOut(goal.Target, new Bytes(start), new Bytes(length)),
            _ => new Operation.Read(goal.Target, new Bytes(start), new Bytes(length)),
        };
    }

    private static Operation Misaligned(Scene scene, Goal goal)
    {
        ulong offset = scene.Choices.Pick(0UL, 1, 256, 511, 513);
        ulong length = scene.Choices.Pick(0UL, 1, 100, 511, 512, 513, 4095);
        if (offset % 512 == 0 && length % 512 == 0)
            length = 0;
        return scene.Choices.Below(5) switch
        {
            0 => new Operation.Write(goal.Target, new Bytes(offset), new Bytes(length), (ulong)scene.Step),
            1 => new Operation.Discard(goal.Target, new Bytes(offset), new Bytes(length)),
            2 => new Operation.ZeroOut(goal.Target, new Bytes(offset), new Bytes(length)),
            3 => new Operation.SecureErase(goal.Target, new Bytes(offset), new Bytes(length)),
            _ => new Operation.Read(goal.Target, new Bytes(offset), new Bytes(length)),
        };
    }

    private static Operation OnMissing(Scene scene)
    {
        IoTarget target = scene.Choices.Percent(50)
            ? IoTarget.OnHandle(scene.FreeHandle()) : DeviceRef.ByNumber(DeviceNumber.Dm((uint)scene.Choices.Between(20, 40)));
        var length = new Sectors(8).ToBytes();
        return scene.Choices.Below(3) switch
        {
            0 => new Operation.Write(target, default, length, (ulong)scene.Step),
            1 => new Operation.Flush(target),
            _ => new Operation.Read(target, default, length),
        };
    }
}
