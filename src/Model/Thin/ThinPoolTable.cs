using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Machine;

namespace DmSim.Model.Thin;

/// <summary>dm_thin_pool_table: every pool that a table or a volume uses, the latest first (drivers/md/dm-thin.c, 6.1).</summary>
internal sealed class ThinPoolTable(SimulatedKernel kernel)
{
    private readonly List<ThinPool> _pools = [];

    /// <summary>__pool_table_lookup: the pool of a mapped device, or null.</summary>
    public IReadOnlyList<ThinPool> All => _pools;

    public ThinPool? Find(MappedDevice device) => _pools.Find(p => p.Device == device);

    /// <summary>
    /// __pool_find: the pool that a table line of <paramref name="device"/> means, new or already there, used once more. On refusal
    /// null, with the errno and the words for it.
    /// </summary>
    public ThinPool? Take(
        MappedDevice device, BlockDevice metadata, BlockDevice data, uint blockSectors, bool readOnly,
        out bool created, out Errno errno, out string error)
    {
        created = false;
        errno = Errno.None;
        error = "";
        if (_pools.Find(p => p.MetadataDevice == metadata) is { } sharing)
        {
            errno = Errno.EBUSY;
            if (sharing.Device != device)
                error = "metadata device already in use by a pool";
            else if (sharing.DataDevice != data)
                error = "data device already in use by a pool";
            else
                return Use(sharing, out errno);
            return null;
        }
        if (Find(device) is { } present)
        {
            if (present.MetadataDevice == metadata && present.DataDevice == data)
                return Use(present, out errno);
            errno = Errno.EINVAL;
            error = "different pool cannot replace a pool";
            return null;
        }
        created = true;
        return Create(device, metadata, data, blockSectors, readOnly, out errno, out error);
    }

    private static ThinPool Use(ThinPool pool, out Errno errno)
    {
        errno = Errno.None;
        pool.Hold();
        return pool;
    }

    /// <summary>pool_create.</summary>
    private ThinPool? Create(
        MappedDevice device, BlockDevice metadata, BlockDevice data, uint blockSectors, bool readOnly,
        out Errno errno, out string error)
    {
        error = "Error creating metadata object";
        var store = new DeviceMetadataStore(metadata);
        errno = PoolMetadata.Open(
            store, new KernelMetadataLog(kernel), new Sectors(blockSectors), !readOnly, out var opened, kernel.Profile);
        if (errno != Errno.None)
            return null;
        var pool = new ThinPool(device, metadata, data, blockSectors, opened);
        store.BeforeRead = pool.SleepsForRead;
        _pools.Insert(0, pool);
        return pool;
    }

    internal void Remove(ThinPool pool) => _pools.Remove(pool);
}
