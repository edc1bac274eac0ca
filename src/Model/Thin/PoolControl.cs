using DmSim.Abi;
using DmSim.Model.Devices;

namespace DmSim.Model.Thin;

/// <summary>One table line of a pool: struct pool_c with the parts of its struct dm_target that the pool needs.</summary>
internal sealed class PoolControl(ThinPool pool, Table table, Sectors length)
{
    public ThinPool Pool { get; } = pool;
    public Table Table { get; } = table;

    /// <summary>ti->len.</summary>
    public Sectors Length { get; } = length;

    public required TableDevice MetadataDevice { get; init; }
    public required TableDevice DataDevice { get; init; }

    /// <summary>In data blocks.</summary>
    public required ulong LowWaterBlocks { get; init; }

    /// <summary>What the table asked for.</summary>
    public required PoolFeatures Requested { get; init; }

    /// <summary>What there is of it, given the devices; its mode is the pool's, so that a resume does not change it by mistake.</summary>
    public required PoolFeatures Adjusted { get; set; }

    /// <summary>
    /// calc_metadata_threshold: an event tells that fewer metadata blocks are free. A quarter of the device, at most 4 MiB.
    /// </summary>
    public MetadataBlockNumber MetadataThreshold =>
        new(Math.Min(1024, ThinPool.MetadataDeviceBlocks(MetadataDevice.Device).Value / 4));
}
