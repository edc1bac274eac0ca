using System.Globalization;

namespace DmSim.Abi;

/// <summary>A count or position in bytes.</summary>
public readonly record struct Bytes(ulong Value) : IComparable<Bytes>
{
    /// <summary>Whole sectors that fit in these bytes (rounds down).</summary>
    public Sectors ToSectorsFloor() => new(Value >> Sectors.Shift);

    /// <summary>Whether these bytes are a whole number of sectors.</summary>
    public bool IsSectorAligned => (Value & (Sectors.BytesPerSector - 1)) == 0;

    public static Bytes operator +(Bytes a, Bytes b) => new(checked(a.Value + b.Value));
    public static Bytes operator -(Bytes a, Bytes b) => new(checked(a.Value - b.Value));
    public static bool operator <(Bytes a, Bytes b) => a.Value < b.Value;
    public static bool operator >(Bytes a, Bytes b) => a.Value > b.Value;
    public static bool operator <=(Bytes a, Bytes b) => a.Value <= b.Value;
    public static bool operator >=(Bytes a, Bytes b) => a.Value >= b.Value;

    public int CompareTo(Bytes other) => Value.CompareTo(other.Value);
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
