using System.Globalization;

namespace DmSim.Abi;

/// <summary>A count or position in 512-byte sectors, the unit of every device-mapper table.</summary>
public readonly record struct Sectors(ulong Value) : IComparable<Sectors>
{
    public const int Shift = 9;
    public const int BytesPerSector = 1 << Shift;

    public static readonly Sectors Zero;

    /// <summary>Exact size in bytes; overflow of 64 bits is our own mistake and throws.</summary>
    public Bytes ToBytes() => new(checked(Value * BytesPerSector));

    public static Sectors operator +(Sectors a, Sectors b) => new(checked(a.Value + b.Value));
    public static Sectors operator -(Sectors a, Sectors b) => new(checked(a.Value - b.Value));
    public static bool operator <(Sectors a, Sectors b) => a.Value < b.Value;
    public static bool operator >(Sectors a, Sectors b) => a.Value > b.Value;
    public static bool operator <=(Sectors a, Sectors b) => a.Value <= b.Value;
    public static bool operator >=(Sectors a, Sectors b) => a.Value >= b.Value;

    public int CompareTo(Sectors other) => Value.CompareTo(other.Value);
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
