using DmSim.Abi;

namespace DmSim.Model.Reasons;

/// <summary>
/// Refusals of the ioctl core of which the kernel logs nothing: the command and the errno say why (drivers/md/dm-ioctl.c, 6.1).
/// </summary>
internal static class SilentReasons
{
    /// <param name="Command">Null for any.</param>
    /// <param name="Words">How a message begins, for those that are about one; else null.</param>
    public sealed record Row(DmCommand? Command, Errno Errno, string? Words, string Sentence);

    private static Row Of(DmCommand? command, Errno errno, string sentence) => new(command, errno, null, sentence);

    private static Row Message(string words, Errno errno, string sentence) => new(DmCommand.DM_TARGET_MSG, errno, words, sentence);

    /// <summary>The particular before the general.</summary>
    public static IReadOnlyList<Row> All { get; } =
    [
        Of(DmCommand.DM_DEV_CREATE, Errno.EBUSY,
            "there is a device {name} already, or one with that uuid: choose others, or remove that one first (dmsetup remove {name})"),
        Of(DmCommand.DM_DEV_CREATE, Errno.ENXIO, "the minor number asked for is taken, or none is left: ask for another, or for none"),
        Of(DmCommand.DM_DEV_REMOVE, Errno.EBUSY,
            "{name} is in use ({users}): close or remove what uses it first, or have it removed when it is closed (--deferred)"),
        Of(DmCommand.DM_DEV_SUSPEND, Errno.EINVAL, "{name} has no table to resume, or somebody else suspends it just now: load a table first"),
        Of(DmCommand.DM_DEV_SUSPEND, Errno.ENXIO, "there is no device {name}, or it was removed meanwhile: \"dmsetup ls\" lists those there are"),
        Of(DmCommand.DM_TABLE_LOAD, Errno.EOVERFLOW, "a table has at most 1048576 lines: use fewer and longer ones"),
        Of(DmCommand.DM_TABLE_LOAD, Errno.ENOMEM, "the table needs more memory than the kernel gives: use fewer lines"),
        Of(DmCommand.DM_TABLE_LOAD, Errno.EBUSY, "a device of the table is in use by another: free it first"),
        Of(DmCommand.DM_GET_TARGET_VERSION, Errno.EINVAL,
            "no target type is called {name}: \"dmsetup targets\" lists those this kernel has; others need a module"),
        Of(DmCommand.DM_DEV_WAIT, Errno.EINTR, "the wait was interrupted"),
        Message("@stats_create", Errno.ENOMEM,
            "so many areas need more than a quarter of the machine's memory: make the step larger or the range smaller"),
        Message("@stats_create", Errno.EOVERFLOW,
            "so many areas cannot be counted, or are more than a region may have: make the step larger or the range smaller"),
        Message("@stats_", Errno.ENOENT, "{name} has no region of that number: \"dmsetup message {name} 0 @stats_list\" shows those it has"),
        Message("@cancel_deferred_remove", Errno.EBUSY, "{name} is being removed already, which cannot be taken back"),
        Of(DmCommand.DM_TARGET_MSG, Errno.ENODATA, "there is no volume of that number: check it"),
        Of(DmCommand.DM_TARGET_MSG, Errno.EEXIST, "there is a volume of that number already: choose another"),
        Of(DmCommand.DM_TARGET_MSG, Errno.EOPNOTSUPP, "the pool takes no changes any more: see its status"),
        Of(DmCommand.DM_TARGET_MSG, Errno.EINVAL, "the target did not take the message: check its words against those the target knows"),
        Of(null, Errno.ENXIO, "there is no device {name}: \"dmsetup ls\" lists those there are"),
        Of(null, Errno.EFAULT, "the request ends before its header or the size that it says: it is malformed, no dmsetup sends one like it"),
        Of(null, Errno.ENOTTY, "this is no request of device-mapper's control node: the program and the kernel do not fit each other"),
        Of(null, Errno.EINVAL, "the request is not as this command needs it: check what is given"),
        Of(null, Errno.ENOMEM, "the kernel has no memory for this: ask for less"),
        Of(null, Errno.EBUSY, "{name} is in use ({users}): close or remove what uses it first"),
        Of(null, Errno.ENOSPC, "there is no room left: free some, or grow the device below"),
        Of(null, Errno.EIO, "a device below failed: look at the lines of the kernel's log"),
        Of(null, Errno.EACCES, "root alone may do this, or the device below is read-only"),
    ];

    /// <summary>The sentence with its parts still in braces; null for an errno that no command is known to answer.</summary>
    /// <param name="message">The words of a message, where it is one.</param>
    public static string? Find(DmCommand command, Errno errno, string? message) => All.FirstOrDefault(row =>
        row.Errno == errno && (row.Command is null || row.Command == command)
        && (row.Words is null || message?.StartsWith(row.Words, StringComparison.OrdinalIgnoreCase) == true))?.Sentence;
}
