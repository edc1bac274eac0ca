namespace DmSim.Model.Thin;

/// <summary>The devices that a pool's metadata have in memory, the latest first, as the kernel lists and writes them.</summary>
internal sealed class ThinDeviceList
{
    private readonly LinkedList<ThinDeviceMetadata> _devices = [];
    private readonly Dictionary<ThinId, LinkedListNode<ThinDeviceMetadata>> _byId = [];

    public ThinDeviceMetadata? Find(ThinId id) => _byId.TryGetValue(id, out var node) ? node.Value : null;

    public void Add(ThinDeviceMetadata device) => _byId.Add(device.Id, _devices.AddFirst(device));

    public void Remove(ThinDeviceMetadata device)
    {
        if (_byId.Remove(device.Id, out var node))
            _devices.Remove(node);
    }

    /// <summary>A copy, so that devices may be removed while it is walked through.</summary>
    public IReadOnlyList<ThinDeviceMetadata> Snapshot() => [.. _devices];

    public bool AnyChanged()
    {
        foreach (var device in _devices)
            if (device.Changed)
                return true;
        return false;
    }

    /// <summary>Forgets those that are not open; answers how many are.</summary>
    public int RemoveClosed()
    {
        foreach (var device in Snapshot())
            if (device.OpenCount == 0)
                Remove(device);
        return _devices.Count;
    }
}
