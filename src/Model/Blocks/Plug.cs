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
                FlushWhileSubmitting();
        }
        _multipleQueues |= _requests.Count > 0 && _requests[^1].Device != request.Device;
        _requests.Add(request);
    }

    /// <summary>
    /// blk_mq_dispatch_plug_list: the device of the newest request comes first; the requests of one device go in order.
    /// </summary>
    public void Flush()
    {
        if (_requests.Count == 1)
        {
            var only = _requests[0];
            _requests.Clear();
            only.Device.QueueRequest(only);
            return;
        }
        var requests = _requests;
        _requests = [];
        while (requests.Count > 0)
        {
            var device = requests[^1].Device;
            foreach (var request in requests)
                if (request.Device == device)
                    device.QueueRequest(request);
            requests.RemoveAll(r => r.Device == device);
        }
    }

    /// <summary>blk_mq_plug_issue_direct: a full plug with one device is emptied newest first.</summary>
    private void FlushWhileSubmitting()
    {
        if (!_multipleQueues)
            _requests.Reverse();
        Flush();
    }
}
