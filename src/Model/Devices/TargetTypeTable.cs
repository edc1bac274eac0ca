using System.Text;
using DmSim.Model.Targets;

namespace DmSim.Model.Devices;

/// <summary>The registered target types (_targets, drivers/md/dm-target.c, 6.1). No module is loaded on demand.</summary>
public sealed class TargetTypeTable
{
    private readonly TargetType[] _newestFirst;
    private readonly byte[][] _names;

    public TargetTypeTable(IReadOnlyList<TargetType> oldestFirst)
    {
        _newestFirst = [.. oldestFirst.Reverse()];
        _names = Array.ConvertAll(_newestFirst, t => Encoding.Latin1.GetBytes(t.Name));
    }

    /// <summary>dm_register_target puts a new one in front.</summary>
    public IReadOnlyList<TargetType> NewestFirst => _newestFirst;

    public TargetType? Find(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _names.Length; i++)
            if (name.SequenceEqual(_names[i]))
                return _newestFirst[i];
        return null;
    }
}
