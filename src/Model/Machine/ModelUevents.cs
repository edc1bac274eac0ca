using DmSim.Abi;

namespace DmSim.Model.Machine;

/// <summary>The uevents that user space would have heard on its netlink socket.</summary>
public sealed class ModelUevents : IUevents
{
    private readonly List<Uevent> _new = [];

    /// <summary>kobject_uevent_env for a block device; <paramref name="variables"/> in sorted order.</summary>
    public void Send(string action, string device, params string[] variables) =>
        _new.Add(new Uevent(action, device, variables));

    public IReadOnlyList<Uevent> TakeNew()
    {
        if (_new.Count == 0)
            return [];
        var events = _new.ToArray();
        _new.Clear();
        return events;
    }
}
