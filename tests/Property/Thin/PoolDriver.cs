using DmSim.Abi;
using DmSim.Model.PersistentData;
using DmSim.Model.Thin;
using DmSim.Property.PersistentData;

namespace DmSim.Property.Thin;

/// <summary>
/// Uses pool metadata in the order in which the thin-pool target does (dm-thin.c, 6.1), for tests below the targets. Commands are lines
/// of text, the same that a program in a real kernel's VM understands.
/// </summary>
internal sealed class PoolDriver
{
    private readonly Dictionary<ulong, ThinDeviceMetadata> _open = [];
    private readonly ulong _dataBlockSize;

    public PoolDriver(MemoryStore store, ulong dataBlocks, ulong dataBlockSizeSectors = 128)
    {
        Store = store;
        _dataBlockSize = dataBlockSizeSectors;
        Metadata = OpenMetadata();
        Resume(dataBlocks);
    }

    public MemoryStore Store { get; }
    public RecordingLog Log { get; } = new();
    public PoolMetadata Metadata { get; private set; }

    /// <summary>Set by "begin": more than a second has passed since the last commit, so the first change is committed at once.</summary>
    private bool CommitIsDue { get; set; }

    private PoolMetadata OpenMetadata()
    {
        var errno = PoolMetadata.Open(Store, Log, new Sectors(_dataBlockSize), formatDevice: true, out var metadata);
        Must(errno);
        return metadata;
    }

    private void Resume(ulong dataBlocks)
    {
        Must(Metadata.GetDataDeviceSize(out var size));
        if (size.Value < dataBlocks)
            Must(Metadata.ResizeDataDevice(new DataBlock(dataBlocks)));
        Must(Metadata.GetMetadataDeviceSize(out var metadataSize));
        bool metadataGrew = metadataSize.Value < Store.BlockCount;
        if (metadataGrew)
            Must(Metadata.ResizeMetadataDevice(new MetadataBlockNumber(Store.BlockCount)));
        if (size.Value < dataBlocks || metadataGrew)
            Must(Metadata.Commit());
    }

    public void Close()
    {
        foreach (var device in _open.Values)
            Metadata.CloseDevice(device);
        _open.Clear();
        Must(Metadata.Commit());
        Must(Metadata.Close());
    }

    public void Run(IEnumerable<string> lines)
    {
        foreach (string line in lines)
            Run(line);
    }

    public void Run(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        ulong Number(int i) => ulong.Parse(words[i]);
        switch (words[0])
        {
            case "create_thin":
                Must(Metadata.CreateThin(new ThinId(Number(1))));
                Must(Metadata.Commit());
                Activate(Number(1));
                break;
            case "create_snap":
                Must(Metadata.CreateSnap(new ThinId(Number(1)), new ThinId(Number(2))));
                Must(Metadata.Commit());
                Activate(Number(1));
                break;
            case "delete":
                Metadata.CloseDevice(_open[Number(1)]);
                _open.Remove(Number(1));
                Must(Metadata.DeleteDevice(new ThinId(Number(1))));
                Must(Metadata.Commit());
                break;
            case "begin":
                CommitIsDue = true;
                break;
            case "write":
                Write(_open[Number(1)], new VirtualBlock(Number(2)));
                break;
            case "discard":
                Discard(_open[Number(1)], Number(2), Number(2) + Number(3));
                break;
            case "commit":
                Must(Metadata.Commit());
                break;
            case "set_transaction_id":
                Must(Metadata.SetTransactionId(Number(1), Number(2)));
                Must(Metadata.Commit());
                break;
            case "reserve_metadata_snap":
                Must(Metadata.Commit());
                Must(Metadata.ReserveMetadataSnap());
                Must(Metadata.Commit());
                break;
            case "release_metadata_snap":
                Must(Metadata.ReleaseMetadataSnap());
                Must(Metadata.Commit());
                break;
            case "grow":
                Must(Metadata.Commit());
                Store.Resize((int)Number(1));
                Resume(Number(2));
                break;
            case "reopen":
                Reopen(Number(1));
                break;
            default:
                throw new ArgumentException($"no such command: {line}");
        }
    }

    private void Reopen(ulong dataBlocks)
    {
        ulong[] ids = [.. _open.Keys];
        Close();
        Metadata = OpenMetadata();
        Resume(dataBlocks);
        foreach (ulong id in ids)
            Activate(id);
    }

    private void Activate(ulong id)
    {
        Must(Metadata.OpenDevice(new ThinId(id), out var device));
        _open.Add(id, device);
    }

    /// <summary>A write of one whole block.</summary>
    private void Write(ThinDeviceMetadata device, VirtualBlock block)
    {
        var errno = Metadata.FindBlock(device, block, canIssueIo: true, out var found);
        if (errno == Errno.None && !found.Shared)
            return;
        if (errno != Errno.ENODATA)
            Must(errno);
        var data = Allocate();
        Must(Metadata.InsertBlock(device, block, data));
        CommitIfDue();
    }

    private void CommitIfDue()
    {
        if (CommitIsDue)
            Must(Metadata.Commit());
        CommitIsDue = false;
    }

    /// <summary>alloc_data_block.</summary>
    private DataBlock Allocate()
    {
        Must(Metadata.GetFreeDataBlocks(out var free));
        if (free.Value == 0)
            Must(Metadata.Commit());
        Must(Metadata.AllocateDataBlock(out var block));
        Must(Metadata.GetFreeMetadataBlocks(out var freeMetadata));
        if (freeMetadata.Value == 0)
            Must(Metadata.Commit());
        return block;
    }

    /// <summary>break_up_discard_bio with pass-down: what is unmapped is still held until the data device has discarded it.</summary>
    private void Discard(ThinDeviceMetadata device, ulong begin, ulong end)
    {
        var passedDown = new List<(DataBlock Begin, DataBlock End)>();
        while (begin != end)
        {
            var errno = Metadata.FindMappedRange(device, new VirtualBlock(begin), new VirtualBlock(end), out var range);
            if (errno == Errno.ENODATA)
                break;
            Must(errno);
            var dataEnd = new DataBlock(range.DataBegin.Value + (range.End.Value - range.Begin.Value));
            Must(Metadata.RemoveRange(device, range.Begin, range.End));
            Must(Metadata.IncrementDataRange(range.DataBegin, dataEnd));
            passedDown.Add((range.DataBegin, dataEnd));
            begin = range.End.Value;
        }
        foreach (var (first, behind) in passedDown)
            Must(Metadata.DecrementDataRange(first, behind));
    }

    private void Must(Errno errno)
    {
        if (errno != Errno.None)
            throw new InvalidOperationException($"{errno}; {string.Join("; ", Log.Lines)}");
    }

    /// <summary>The numbers of the pool's status line: used and all metadata blocks, used and all data blocks.</summary>
    public string Usage()
    {
        Must(Metadata.GetFreeMetadataBlocks(out var freeMetadata));
        Must(Metadata.GetMetadataDeviceSize(out var metadata));
        Must(Metadata.GetFreeDataBlocks(out var freeData));
        Must(Metadata.GetDataDeviceSize(out var data));
        return $"{metadata.Value - freeMetadata.Value}/{metadata.Value} {data.Value - freeData.Value}/{data.Value}";
    }
}
