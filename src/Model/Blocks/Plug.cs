using DmSim.Model.Machine;

namespace DmSim.Model.Blocks;

/// <summary>struct blk_plug: requests that wait for more of their kind (block/blk-mq.c, 6.1).</summary>
internal sealed class Plug
{
    private const int BLK_MAX_REQUEST_COUNT = 32;
    private const ulong FlushSectors = 128 * 1024 / 512;

    private List<BlockRequest> _requests = [];
    private bool _multipleQueues;

    /// <summary>An empty one, as good as new.</summary>
    public void Reset() => _multipleQueues = false;

    /// <summary>blk_attempt_plug_merge: only the newest request of the same device is looked at.</summary>
    public bool TryMerge(Bio bio)
    {
        for (int i = _requests.Count - 1; i >= 0; i--)
        {
            if (_requests[i].Device == bio.Device)
                return _requests[i].TryMerge(bio, bio.Device.Limits);
            if (!_multipleQueues)
                return false;
        }
        return false;
    }

    /// <summary>blk_add_rq_to_plug.</summary>
    public void Add(BlockRequest request)
    {
        if (_requests.Count > 0)
        {
            int max = _multipleQueues ? BLK_MAX_REQUEST_COUNT * 2 : BLK_MAX_REQUEST_COUNT;
            if (_requests.Count >= max || _requests[^1].SectorCount >= FlushSectors)
                Flush();
        }
        _multipleQueues |= _requests.Count > 0 && _requests[^1].Device != request.Device;
        _requests.Add(request);
    }

    /// <summary>
    /// blk_finish_plug, and a plug that is full: the requests go to their drivers at once. Those of one device newest first
    /// (blk_mq_plug_issue_direct); of several, the device of the newest request comes first, and the requests of each go in order
    /// (blk_mq_dispatch_plug_list).
    /// </summary>
    public void Flush()
    {
        if (!_multipleQueues)
            _requests.Reverse();
        foreach (var request in Take())
            request.Device.QueueRequest(request);
    }

    /// <summary>
    /// Whoever submits goes to sleep: the requests go to their drivers in order, device by device, but by a worker of the block layer
    /// (kblockd, blk_mq_run_work_fn), after those that have been woken before.
    /// </summary>
    public void FlushToSleep(WorkQueue work)
    {
        if (_requests.Count == 0)
            return;
        var requests = Take();
        work.Enqueue(() =>
        {
            foreach (var request in requests)
                request.Device.QueueRequest(request);
        });
    }

    /// <summary>What it held, device by device; it holds nothing then.</summary>
    public IReadOnlyList<BlockRequest> Take()
    {
        var requests = _requests;
        _requests = [];
        if (!_multipleQueues)
            return requests;
        var sorted = new List<BlockRequest>(requests.Count);
        while (requests.Count > 0)
        {
            var device = requests[^1].Device;
            sorted.AddRange(requests.Where(r => r.Device == device));
            requests.RemoveAll(r => r.Device == device);
        }
        return sorted;
    }
}
