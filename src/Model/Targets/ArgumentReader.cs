using DmSim.Abi;

namespace DmSim.Model.Targets;

/// <summary>A number that a constructor reads, its range, and what is wrong when it is not (struct dm_arg).</summary>
public readonly record struct ArgumentRule(uint Min, uint Max, string Error);

/// <summary>struct dm_arg_set: the arguments that have not been read yet (drivers/md/dm-table.c, 6.1).</summary>
public sealed class ArgumentReader(TargetArguments arguments)
{
    private int _next;

    /// <summary>How many are left.</summary>
    public int Count => arguments.Argv.Length - _next;

    /// <summary>dm_shift_arg: the next one, or null.</summary>
    public string? Shift() => Count == 0 ? null : arguments.Argv[_next++];

    /// <summary>dm_read_arg: EINVAL, with the rule's words, when it is missing, no number or out of range.</summary>
    public Errno Read(ArgumentRule rule, out uint value)
    {
        value = 0;
        return Shift() is { } text && KernelParse.U32(text, arguments.Profile, out value) && value >= rule.Min && value <= rule.Max
            ? Errno.None
            : arguments.Refuse(Errno.EINVAL, rule.Error);
    }

    /// <summary>dm_read_arg_group: a count that so many arguments must follow.</summary>
    public Errno ReadGroup(ArgumentRule rule, out uint count)
    {
        var errno = Read(rule, out count);
        return errno == Errno.None && Count < count ? arguments.Refuse(Errno.EINVAL, rule.Error) : errno;
    }
}
