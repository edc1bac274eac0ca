using DmSim.Model.Profiles;

namespace DmSim.Model.Blocks;

/// <summary>struct blk_plug: requests that wait for more of their kind (block/blk-mq.c, 6.1).</summary>
internal sealed class Plug(KernelProfile profile)
{
    private const int BLK_MAX_REQUEST_COUNT = 32;
    private const ulong FlushSectors = 128 * 1024 / 512;

    /// <summary>Requests of several queues are sorted when there are more than so many.</summary>
    private const int MostUnsorted = 2;

    private readonly bool _isList = profile.Has(KernelRule.PlugsAreLists);
    private readonly bool _keepsOrder = profile.Has(KernelRule.PlugsKeepOrder);

    /// <summary>In the order in which they came.</summary>
    private List<BlockRequest> _requests = [];
    private bool _multipleQueues;

    /// <summary>An empty one, as good as new.</summary>
    public void Reset() => _multipleQueues = false;

    /// <summary>
    /// blk_attempt_plug_merge. Where plugs are lists, only one request of the same device is looked at: the newest, when order is kept the oldest
    /// unless the newest of all is of that device.
    /// </summary>
    public bool TryMerge(Bio bio)
    {
        if (_requests.Count == 0)
            return false;
        var limits = bio.Device.Limits;
        if (!_isList)
            return BlockRequest.TryMergeWithNewest(_requests, bio, limits, _requests.Count);
        if (_requests[^1].Device == bio.Device)
            return _requests[^1].TryMerge(bio, limits);
        if (!_multipleQueues)
            return false;
        var candidate = RequestOf(bio.Device);
        return candidate is not null && candidate.TryMerge(bio, limits);
    }

    private BlockRequest? RequestOf(BlockDevice device) =>
        _keepsOrder ? _requests.Find(r => r.Device == device) : _requests.FindLast(r => r.Device == device);

    /// <summary>blk_add_rq_to_plug. What is large enough to go is looked for at the head of the list, which is the newest unless order is kept.</summary>
    public void Add(BlockRequest request)
    {
        if (_requests.Count > 0)
        {
            int max = _multipleQueues ? BLK_MAX_REQUEST_COUNT * 2 : BLK_MAX_REQUEST_COUNT;
            bool mayGrow = !_isList || request.Device.Queue.NoMerges < 2;
            if (_requests.Count >= max || (mayGrow && Head.SectorCount >= FlushSectors))
                Flush();
        }
        _multipleQueues |= _requests.Count > 0 && Head.Device != request.Device;
        _requests.Add(request);
    }

    private BlockRequest Head => _isList && _keepsOrder ? _requests[0] : _requests[^1];

    /// <summary>
    /// blk_finish_plug, and a plug that is full: the requests go to their drivers at once, those of one device in order or newest first
    /// (<see cref="KernelRule.PlugsKeepOrder"/>; blk_mq_plug_issue_direct), those of several as <see cref="Take"/> says.
    /// </summary>
    public void Flush()
    {
        if (!_multipleQueues && !_keepsOrder)
            _requests.Reverse();
        foreach (var request in Take())
            request.Device.QueueRequest(request);
    }

    /// <summary>
    /// Whoever submits goes to sleep: the requests go to their drivers in order, device by device, but by a worker of the block layer.
    /// </summary>
    public void FlushToSleep()
    {
        if (_requests.Count == 0)
            return;
        foreach (var request in Take())
            request.Device.InsertRequest(request);
    }

    /// <summary>
    /// What it held, device by device, those of each in order; it holds nothing then. The device of the request at the head of the list comes
    /// first (blk_mq_dispatch_plug_list).
    /// </summary>
    public IReadOnlyList<BlockRequest> Take()
    {
        var requests = _requests;
        _requests = [];
        if (!_multipleQueues)
            return requests;
        if (!_isList)
            return Sorted(requests);
        var byDevice = new List<BlockRequest>(requests.Count);
        while (requests.Count > 0)
        {
            var device = requests[_keepsOrder ? 0 : ^1].Device;
            byDevice.AddRange(requests.Where(r => r.Device == device));
            requests.RemoveAll(r => r.Device == device);
        }
        return byDevice;
    }

    /// <summary>
    /// plug_rq_cmp (5.10): by queue, in each by sector. Queues are sorted by where their memory lies: here in order of their numbers, in which
    /// they were made.
    /// </summary>
    private static List<BlockRequest> Sorted(List<BlockRequest> requests) => requests.Count <= MostUnsorted ? requests
        : [.. requests.OrderBy(r => r.Device.Number.Minor).ThenBy(r => r.Sector)];
}
