using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Tables;

/// <summary>"device offset ms", once for all, or for reads and writes, or for reads, writes and flushes (delay_ctr, dm-delay.c, 6.1).</summary>
internal sealed class DelayLine : LineGenerator
{
    public override string Type => "delay";

    public override string Sound(Scene scene, DeviceState owner, ref Sectors length)
    {
        var choices = scene.Choices;
        int classes = choices.Pick(1, 1, 1, 2, 2, 3);
        var places = new Place[classes];
        for (int i = 0; i < classes; i++)
            places[i] = Ground.Find(scene, owner, ref length);
        return string.Join(' ', places.Select((place, i) =>
            string.Create(CultureInfo.InvariantCulture, $"{place} {Delays.Draw(choices, isRead: i == 0)}")));
    }

    public override string? Wrong(Scene scene, DeviceState owner, Sectors length)
    {
        string place = Ground.Find(scene, owner, ref length).ToString();
        return scene.Choices.Below(8) switch
        {
            0 => $"{place} 20 {place}",
            1 => $"{place} 20 {place} 20 {place}",
            2 => $"{place} 20 {place} 20 {place} 20 {place} 20",
            3 => place,
            4 => $"{place} {scene.Choices.Pick("-1", "x", "20ms", "0x14", "+20", "20 20")}",
            5 => $"{place} 0 {place} 20x",
            _ => null,
        };
    }
}

/// <summary>Delays whose ends stay clear of the instants at which calls are made and looked at.</summary>
internal static class Delays
{
    /// <summary>
    /// An I/O begins 40 ms into its slot of 125 ms. With any of these it ends between 52 and 88 ms into a slot: a timer fires up to two
    /// ticks late, one that is 252 ms off or more up to 36 ms (kernel/time/timer.c, calc_index, 6.1), beyond 2 s up to a quarter of a second.
    /// </summary>
    private static readonly uint[] Clear = [20, 145, 262, 387, 1012, 1887];

    public const uint SlotMs = 125;
    public const uint PhaseMs = 20;
    private const uint CoarsePhaseMs = 12;
    private const uint CoarseFromMs = 252;
    private const uint TooCoarseFromMs = 2016;

    public static bool IsClear(ulong milliseconds) => milliseconds == 0
        || milliseconds % SlotMs == (milliseconds < CoarseFromMs ? PhaseMs : CoarsePhaseMs) && milliseconds < TooCoarseFromMs;

    /// <summary>Reads are kept short mostly: a device whose reads take longer than a slot is not looked into.</summary>
    public static uint Draw(Choices choices, bool isRead) =>
        choices.Percent(25) ? 0 : isRead && choices.Percent(70) ? PhaseMs : choices.AnyOf(Clear);
}
