using DmSim.Abi;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Generators.Tables;

/// <summary>
/// Makes up table lines of one target type. One file per type, one line in <see cref="LineGenerators"/>.
/// </summary>
public abstract class LineGenerator
{
    public abstract string Type { get; }

    /// <summary>Parameters that the constructor takes, for a line of the length; the generator may change the length to one that fits.</summary>
    /// <param name="owner">The device that the table is for: nothing that rests on it can be used below it.</param>
    public abstract string Sound(Scene scene, DeviceState owner, ref Sectors length);

    /// <summary>What only this type refuses; null leaves it to <see cref="WrongWords"/>, which spoils sound parameters.</summary>
    public virtual string? Wrong(Scene scene, DeviceState owner, Sectors length) => null;
}

/// <summary>The types that tables are made of, one line each.</summary>
public static class LineGenerators
{
    public static IReadOnlyList<LineGenerator> All { get; } =
    [
        new LinearLine(),
        new StripedLine(),
        new ZeroLine(),
        new ErrorLine(),
        new DelayLine(),
        new FlakeyLine(),
    ];

    private static readonly Dictionary<string, LineGenerator> ByType = All.ToDictionary(line => line.Type, StringComparer.Ordinal);

    public static LineGenerator Of(string type) => ByType[type];
}
