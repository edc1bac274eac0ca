using System.Globalization;

namespace DmSim.Model.Thin;

/// <summary>The number by which a pool knows a thin device (dm_thin_id); messages allow 24 bits.</summary>
public readonly record struct ThinId(ulong Value)
{
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A block of a thin device, counted in the pool's data block size.</summary>
public readonly record struct VirtualBlock(ulong Value)
{
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A block of the pool's data device, or a number of such blocks.</summary>
public readonly record struct DataBlock(ulong Value)
{
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A 4 KiB block of the pool's metadata device, or a number of such blocks.</summary>
public readonly record struct MetadataBlockNumber(ulong Value)
{
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
