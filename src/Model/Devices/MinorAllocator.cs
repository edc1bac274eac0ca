using DmSim.Abi;

namespace DmSim.Model.Devices;

/// <summary>The idr of minors (dm.c, _minor_idr): the lowest free one, or a given one.</summary>
internal sealed class MinorAllocator
{
    private readonly SortedSet<uint> _taken = [];
    private uint _firstFree;

    /// <summary>next_free_minor: ENOSPC when all 2^20 are taken.</summary>
    public Errno TakeLowest(out uint minor)
    {
        minor = _firstFree;
        if (minor > DeviceNumber.MaxMinor)
            return Errno.ENOSPC;
        Take(minor);
        return Errno.None;
    }

    /// <summary>specific_minor: EBUSY when it is taken.</summary>
    public Errno TakeSpecific(uint minor)
    {
        if (minor > DeviceNumber.MaxMinor)
            return Errno.EINVAL;
        if (_taken.Contains(minor))
            return Errno.EBUSY;
        Take(minor);
        return Errno.None;
    }

    public void Free(uint minor)
    {
        if (!_taken.Remove(minor))
            throw new InvalidOperationException($"minor {minor} is not taken");
        _firstFree = Math.Min(_firstFree, minor);
    }

    private void Take(uint minor)
    {
        _taken.Add(minor);
        while (_taken.Contains(_firstFree))
            _firstFree++;
    }
}
