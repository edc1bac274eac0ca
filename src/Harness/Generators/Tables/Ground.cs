using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Tables;

/// <summary>A place to put a line on: a device, as table parameters name it, and where on it.</summary>
internal readonly record struct Place(string Device, Sectors Offset)
{
    /// <summary>"device offset".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Device} {Offset}");
}

/// <summary>Finds devices that can carry a line.</summary>
internal static class Ground
{
    /// <summary>Deeper stacks say nothing new and cost kernel stack.</summary>
    private const int MaxDepth = 5;

    /// <summary>A device with room; the length shrinks to what it holds.</summary>
    public static Place Find(Scene scene, DeviceState owner, ref Sectors length)
    {
        var choices = scene.Choices;
        if (choices.Percent(scene.Swarm.Area.StackedPercent)
            && scene.Any(d => d.HasLive && !scene.RestsOn(d.Number, owner.Number) && scene.DepthOf(d.Number) < MaxDepth) is { } mapped)
            return On(choices, NameOf(choices, mapped), mapped.Size, ref length);
        if (scene.World.Loops.Count == 0)
            return new Place("7:0", Sectors.Zero);
        var loop = choices.AnyOf(scene.World.Loops);
        string name = choices.Percent(90) ? loop.Number.ToString() : $"/dev/loop{loop.Index}";
        return On(choices, name, loop.Size.ToSectorsFloor(), ref length);
    }

    private static string NameOf(Choices choices, DeviceState device) =>
        choices.Percent(90) ? Naming.InTable(device.Name) : $"/dev/dm-{device.Number.Minor}";

    private static Place On(Choices choices, string name, Sectors size, ref Sectors length)
    {
        // A device of size 0 takes any line (device_area_is_invalid, drivers/md/dm-table.c, 6.1).
        if (size == Sectors.Zero)
            return new Place(name, Sectors.Zero);
        if (length > size)
            length = size;
        ulong room = size.Value - length.Value;
        ulong offset = choices.Below(4) switch
        {
            0 => 0,
            1 => room,
            2 => room / 8 * 4,
            _ => choices.Below(room + 1),
        };
        return new Place(name, new Sectors(offset));
    }
}
