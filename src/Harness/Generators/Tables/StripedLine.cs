using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Tables;

/// <summary>"stripes chunk [device offset]+" (stripe_ctr, drivers/md/dm-stripe.c, 6.1).</summary>
internal sealed class StripedLine : LineGenerator
{
    public override string Type => "striped";

    public override string Sound(Scene scene, DeviceState owner, ref Sectors length)
    {
        var choices = scene.Choices;
        int stripes = choices.Pick(1, 2, 2, 2, 3, 3, 4, 5);
        ulong chunk = choices.Pick(1UL, 2, 3, 4, 8, 8, 8, 16, 16, 32, 64, 100);
        ulong unit = chunk * (ulong)stripes;
        ulong rows = Math.Max(1, length.Value / unit);
        var width = new Sectors(rows * chunk);
        var places = new Place[stripes];
        for (int i = 0; i < stripes; i++)
        {
            var room = width;
            places[i] = Ground.Find(scene, owner, ref room);
            if (room < width)
                width = new Sectors(Math.Max(1, room.Value / chunk) * chunk);
        }
        length = new Sectors(width.Value * (ulong)stripes);
        return string.Create(CultureInfo.InvariantCulture, $"{stripes} {chunk} {string.Join(' ', places)}");
    }

    public override string Wrong(Scene scene, DeviceState owner, Sectors length)
    {
        var choices = scene.Choices;
        string place = Ground.Find(scene, owner, ref length).ToString();
        // Stripe counts from 2^31 on: see Avoided.
        return choices.Below(9) switch
        {
            0 => $"0 8 {place}",
            1 => $"1 0 {place}",
            2 => $"{unchecked(length.Value + 1)} 8 {place}",
            3 => $"1 {unchecked(length.Value + 1)} {place}",
            4 => $"2 1 {place}",
            5 => $"1 1 {place} {place}",
            6 => $"{choices.Pick("4294967296", "1073741824", "65536", "+1", "1x", "-1")} 1 {place}",
            7 => $"1 {choices.Pick("4294967296", "4294967295", "+1", "1x", "-1", "0x1")} {place}",
            _ => "1",
        };
    }
}
