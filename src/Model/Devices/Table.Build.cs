using DmSim.Abi;
using DmSim.Model.Ioctl;
using DmSim.Model.Profiles;
using DmSim.Model.Targets;

namespace DmSim.Model.Devices;

/// <summary>How a table is made of its lines, and unmade (drivers/md/dm-table.c, 6.1).</summary>
public sealed partial class Table
{
    /// <summary>Ends of lines above this would not fit a loff_t in bytes.</summary>
    private const ulong LargestEnd = (ulong)long.MaxValue >> Sectors.Shift;

    private bool _singleton;

    /// <summary>The type of an immutable target: then the only type in the table.</summary>
    internal TargetType? ImmutableTargetType { get; private set; }

    /// <summary>integrity_supported: every target hands on the integrity data of the devices below (dm_calculate_queue_limits, 6.12).</summary>
    internal bool PassesIntegrity => _targets.Count > 0
        && _targets.TrueForAll(t => (t.Type.Features & TargetFeatures.PassesIntegrity) != 0 && t.HasIterateDevices);

    /// <summary>dm_table_get_wildcard_target: whether a line stands in for anything ("error").</summary>
    internal bool HasWildcardTarget => Any(t => (t.Type.Features & TargetFeatures.Wildcard) != 0);

    /// <summary>
    /// dm_table_add_target. The order of the checks is the kernel's: it decides which of several mistakes is named.
    /// </summary>
    /// <param name="parameters">The words, up to a zero byte; split in place.</param>
    internal Errno AddTarget(ReadOnlySpan<byte> typeName, ulong start, ulong length, Span<byte> parameters)
    {
        if (Kernel.WatchesRefusals)
            Kernel.RefusedLine = $"{start} {length} {CStrings.ToText(typeName)} {CStrings.ToText(CStrings.Until0(parameters))}".TrimEnd(' ');
        if (_singleton)
            return Refuse($"target type {_targets[0].Type.Name} must appear alone in table");
        if (length == 0)
            return Refuse("zero-length target");
        ulong end = unchecked(start + length);
        if (end < start || end > LargestEnd)
            return Refuse("too large device");
        if (Kernel.TargetTypes.Find(typeName) is not { } type)
            return Refuse($"{CStrings.ToText(typeName)}: unknown target type");
        var errno = Errno.EINVAL;
        string? error = CheckPlace(type, start);
        if (error is null)
        {
            var arguments = new TargetArguments(
                this, type, new Sectors(start), new Sectors(length), ArgumentSplitter.Split(parameters));
            errno = type.Construct(arguments, out var target);
            error = arguments.Error ?? "Unknown error";
            if (errno == Errno.None)
            {
                Add(target ?? throw new InvalidOperationException($"{type.Name} constructed nothing"));
                return Errno.None;
            }
        }
        string suffix = Kernel.Profile.Has(KernelRule.TableErrorsNameErrno) ? $" (-{errno})" : "";
        Log.Err("table", $"{Owner.DeviceName}: {type.Name}: {error}{suffix}");
        return errno;
    }

    private Errno Refuse(string text)
    {
        Log.Err("table", $"{Owner.DeviceName}: {text}");
        return Errno.EINVAL;
    }

    /// <summary>The rules of which types may stand together, and that there is no gap: the words for what is wrong, or null.</summary>
    private string? CheckPlace(TargetType type, ulong start)
    {
        var features = type.Features;
        if ((features & TargetFeatures.Singleton) != 0)
        {
            if (_targets.Count > 0)
                return "singleton target type must appear alone in table";
            _singleton = true;
        }
        if ((features & TargetFeatures.AlwaysWriteable) != 0 && (Mode & OpenMode.Write) == 0)
            return "target type may not be included in a read-only table";
        const string mixed = "immutable target type cannot be mixed with other target types";
        if (ImmutableTargetType is not null)
        {
            if (ImmutableTargetType != type)
                return mixed;
        }
        else if ((features & TargetFeatures.Immutable) != 0)
        {
            if (_targets.Count > 0)
                return mixed;
            ImmutableTargetType = type;
        }
        return start == Size.Value ? null : "Gap in table";
    }

    private void Add(Target target)
    {
        _targets.Add(target);
        if (target.NumDiscardBios == 0 && target.DiscardsSupported)
            Log.Warn("table", $"{Owner.DeviceName}: {target.Type.Name}: ignoring discards_supported because "
                + "num_discard_bios is zero.");
    }

    /// <summary>As <see cref="DestroyAsync"/>, for a table that never was in force: nothing has to end first.</summary>
    internal void Destroy()
    {
        var destroyed = DestroyAsync();
        if (!destroyed.IsCompleted)
            throw new InvalidOperationException($"a table of {Owner.Name} that was never in force sleeps while it is destroyed");
        destroyed.GetAwaiter().GetResult();
    }

    /// <summary>dm_table_destroy: the targets in their order, each giving back its devices.</summary>
    internal async ValueTask DestroyAsync()
    {
        foreach (var target in _targets)
        {
            await target.StopAsync();
            target.Destroy();
        }
        FreeDevices();
    }
}
