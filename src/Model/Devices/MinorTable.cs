using DmSim.Abi;

namespace DmSim.Model.Devices;

/// <summary>The minors of mapped devices and who has them (_minor_idr, drivers/md/dm.c, 6.1).</summary>
internal sealed class MinorTable
{
    private readonly Dictionary<uint, MappedDevice> _taken = [];
    private uint _lowestFree;

    public MappedDevice? Find(uint minor) => _taken.GetValueOrDefault(minor);

    public IEnumerable<MappedDevice> InOrder => _taken.OrderBy(entry => entry.Key).Select(entry => entry.Value);

    /// <summary>next_free_minor, or null when all 2^20 are taken.</summary>
    public uint? LowestFree => _lowestFree <= DeviceNumber.MaxMinor ? _lowestFree : null;

    public bool IsFree(uint minor) => minor <= DeviceNumber.MaxMinor && !_taken.ContainsKey(minor);

    public void Take(uint minor, MappedDevice device)
    {
        _taken.Add(minor, device);
        while (_taken.ContainsKey(_lowestFree))
            _lowestFree++;
    }

    public void Free(uint minor)
    {
        if (!_taken.Remove(minor))
            throw new InvalidOperationException($"minor {minor} is not taken");
        _lowestFree = Math.Min(_lowestFree, minor);
    }
}
