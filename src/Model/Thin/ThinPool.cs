using DmSim.Abi;
using DmSim.Model.Blocks;
using DmSim.Model.Devices;
using DmSim.Model.Machine;
using DmSim.Model.PersistentData;

namespace DmSim.Model.Thin;

/// <summary>
/// struct pool: metadata and data device of thin volumes, with what is under way between them (drivers/md/dm-thin.c, 6.1). It belongs
/// to a mapped device, outlives its tables, and goes when no table and no volume uses it. This file has its life; ThinPool.Modes.cs
/// what it may still do, ThinPool.Worker.cs the one thread that changes anything, ThinPool.Provisioning.cs and ThinPool.Discards.cs
/// how blocks come and go, ThinPool.Suspend.cs suspend and resume.
/// </summary>
internal sealed partial class ThinPool
{
    internal const string Module = "thin";

    private const uint MetadataBlockSectors = 8;

    /// <summary>THIN_METADATA_MAX_SECTORS_WARNING.</summary>
    private const ulong MetadataWarningSectors = 16UL << (30 - Sectors.Shift);

    private readonly BioPrison _prison = new();
    private readonly CopyClient _copier;
    private readonly DeferredSet _sharedReads = new();
    private readonly DeferredSet _allIo = new();

    // Replaced, never changed: whoever goes through it has those that there were when he began.
    private ThinVolume[] _volumes = [];

    private int _users = 1;
    private bool _lowWaterTriggered;
    private bool _outOfDataSpace;

    public ThinPool(MappedDevice device, BlockDevice metadataDevice, BlockDevice dataDevice, uint blockSectors, PoolMetadata metadata)
    {
        Device = device;
        MetadataDevice = metadataDevice;
        DataDevice = dataDevice;
        BlockSectors = blockSectors;
        Metadata = metadata;
        _copier = new CopyClient(device.Kernel);
        _lastCommit = Now;
        _countIo = CountIo;
        _runQueuedWorker = RunQueuedWorker;
        _runWorker = RunWorker;
        SetWriteFunctions();
        _processPreparedDiscard = FinishDiscardWithoutPassdown;
        _processDiscardCell = ProcessDiscardCellWithoutPassdown;
    }

    /// <summary>pool_md.</summary>
    public MappedDevice Device { get; }
    public BlockDevice MetadataDevice { get; }
    public BlockDevice DataDevice { get; }
    public PoolMetadata Metadata { get; }

    /// <summary>sectors_per_block.</summary>
    public uint BlockSectors { get; }

    /// <summary>pool->ti: the table line in force; null before the first resume and after that line is gone.</summary>
    public PoolControl? Control { get; private set; }

    /// <summary>pool->pf.</summary>
    public PoolFeatures Features { get; private set; } = new();

    public PoolMode Mode => Features.Mode;

    public bool Suspended { get; private set; } = true;

    private SimulatedKernel Kernel => Device.Kernel;
    private ModelLog Log => Kernel.Log;
    private string Name => Device.DeviceName;
    private long Now => Jiffies.At(Kernel.Time.Now);

    /// <summary>__pool_inc.</summary>
    public void Hold() => _users++;

    /// <summary>__pool_dec: the last user's closes the metadata.</summary>
    public void Release()
    {
        if (--_users > 0)
            return;
        Kernel.ThinPools.Remove(this);
        if (Metadata.Close() != Errno.None)
            Log.Warn(Module, "__pool_destroy: dm_pool_metadata_close() failed.");
        _waker?.Cancel();
        _noSpaceTimeout?.Cancel();
    }

    /// <summary>unbind_control_target.</summary>
    public void Unbind(PoolControl control)
    {
        if (Control == control)
            Control = null;
    }

    /// <summary>From the constructor of a volume: from now on its bios are looked after.</summary>
    public void Add(ThinVolume volume) => _volumes = [.. _volumes, volume];

    public void Remove(ThinVolume volume) => _volumes = [.. _volumes.Where(other => other != volume)];

    /// <summary>dm_table_event.</summary>
    private void RaiseEvent() => Control?.Table.RaiseEvent();

    /// <summary>metadata_low_callback.</summary>
    public void MetadataIsLow()
    {
        Log.Warn(Module, $"{Name}: reached low water mark for metadata device: sending event.");
        RaiseEvent();
    }

    /// <summary>get_metadata_dev_size_in_blocks: what of a device can be used.</summary>
    public static MetadataBlockNumber MetadataDeviceBlocks(BlockDevice device) =>
        new(Math.Min(device.Capacity.Value / MetadataBlockSectors, MetadataSpaceMap.BlocksMax));

    /// <summary>warn_if_metadata_device_too_big.</summary>
    public static void WarnIfTooBig(BlockDevice metadata)
    {
        if (metadata.Capacity.Value > MetadataWarningSectors)
            metadata.Kernel.Log.Warn(Module, $"Metadata device {metadata.Name} is larger than "
                + $"{MetadataSpaceMap.BlocksMax * MetadataBlockSectors} sectors: excess space will not be used.");
    }

    private ulong ToSectors(ulong block) => unchecked(block * BlockSectors);
}
