using System.Buffers.Binary;
using DmSim.Abi;
using static DmSim.Abi.DmCommand;
using static DmSim.Abi.DmFlags;

namespace DmSim.Harness.PlantedBugs;

/// <summary>Bugs in the ioctls, the log, the events.</summary>
internal static class ControlBugs
{
    public static IReadOnlyList<PlantedBug> All { get; } = [.. Errnos(), .. Requests(), .. Replies(), .. Events()];

    private static PlantedBug Wrong(string name, string what, DmCommand command, Errno right, Errno wrong) =>
        PlantedBug.At(name, what, () => new WrongErrno(command, right, wrong));

    private static IEnumerable<PlantedBug> Errnos() =>
    [
        Wrong("create-taken-name", "creating a name twice is EEXIST, not EBUSY", DM_DEV_CREATE, Errno.EBUSY, Errno.EEXIST),
        Wrong("info-of-nothing", "the status of a device that is not there is ENOENT, not ENXIO", DM_DEV_STATUS, Errno.ENXIO, Errno.ENOENT),
        Wrong("remove-open", "removing an open device answers 0 and removes nothing", DM_DEV_REMOVE, Errno.EBUSY, Errno.None),
        Wrong("rename-unchecked", "renaming to a taken name answers 0 and does nothing", DM_DEV_RENAME, Errno.EBUSY, Errno.None),
        Wrong("geometry-unchecked", "any geometry is taken", DM_DEV_SET_GEOMETRY, Errno.EINVAL, Errno.None),
        Wrong("load-refused-wrongly", "a refused table is ENOMEM, not EINVAL", DM_TABLE_LOAD, Errno.EINVAL, Errno.ENOMEM),
        Wrong("message-unknown", "a message that the target does not know is ENOTTY, not EINVAL", DM_TARGET_MSG, Errno.EINVAL, Errno.ENOTTY),
    ];

    private static PlantedBug Seen(string name, string what, DmCommand command, HeaderChange change) =>
        PlantedBug.At(name, what, () => new WrongRequest(command, change));

    private static IEnumerable<PlantedBug> Requests() =>
    [
        Seen("deferred-remove-ignored", "a deferred removal is an ordinary one", DM_DEV_REMOVE, h => h.Flags &= ~DM_DEFERRED_REMOVE),
        Seen("readonly-load-ignored", "a table loaded read only can be written", DM_TABLE_LOAD, h => h.Flags &= ~DM_READONLY_FLAG),
        Seen("inactive-ignored", "the table of the inactive slot is that of the live one", DM_TABLE_STATUS, h => h.Flags &= ~DM_QUERY_INACTIVE_TABLE_FLAG),
        Seen("uuid-forgotten", "a device is created without its uuid", DM_DEV_CREATE, h => h.UuidField.Clear()),
        Seen("name-length", "a name of 127 bytes is cut to 126", DM_DEV_CREATE, h => h.NameField[DmIoctl.DM_NAME_LEN - 2] = 0),
        Seen("wait-returns-at-once", "a wait for the next event does not wait", DM_DEV_WAIT, h => h.EventNr ^= 1u << 31),
        Seen("minor-ignored", "the minor asked for is not given", DM_DEV_CREATE, h => h.Flags &= ~DM_PERSISTENT_DEV_FLAG),
        PlantedBug.At("minor-not-reused", "minors of removed devices are not given out again", () => new MinorsAreNotReused()),
    ];

    private static PlantedBug Answered(string name, string what, DmCommand? command, HeaderChange change) =>
        PlantedBug.At(name, what, () => new WrongReply(command, (_, reply) => change(reply)));

    private static bool IsSuspend(ReadOnlySpan<byte> request) =>
        ((DmFlags)BinaryPrimitives.ReadUInt32LittleEndian(request[DmIoctl.FlagsOffset..]) & DM_SUSPEND_FLAG) != 0;

    private static IEnumerable<PlantedBug> Replies() =>
    [
        Answered("suspend-flag-lost", "a suspended device does not say so", DM_DEV_STATUS, h => h.Flags &= ~DM_SUSPEND_FLAG),
        Answered("clear-keeps-flag", "after a clear there still is an inactive table", DM_TABLE_CLEAR, h => h.Flags |= DM_INACTIVE_PRESENT_FLAG),
        PlantedBug.At("resume-keeps-flag", "after a resume there still is an inactive table", () => new WrongReply(DM_DEV_SUSPEND,
            (request, reply) => reply.Flags |= IsSuspend(request) ? 0 : DM_INACTIVE_PRESENT_FLAG)),
        Answered("event-number", "event numbers are one too large", DM_DEV_STATUS, h => h.EventNr++),
        PlantedBug.At("rename-without-event", "a rename raises no event", () => new RenameRaisesNoEvent()),
        Answered("open-count-short", "one opener is not counted", null, h => h.OpenCount -= h.OpenCount > 0 ? 1 : 0),
        PlantedBug.At("open-count-never-falls", "who closes a device is still counted", () => new OpenCountNeverFalls()),
        Answered("target-count", "a table has one line more than it has", DM_DEV_STATUS, h => h.TargetCount += h.TargetCount > 0 ? 1u : 0),
        Answered("data-size", "an info answers 312 bytes, not 305", DM_DEV_STATUS, h => h.DataSize = DmIoctl.Size),
        Answered("deps-missing", "no device depends on any", DM_TABLE_DEPS, ClearDeps),
        Answered("deferred-flag-lost", "a deferred removal does not show", DM_DEV_STATUS, h => h.Flags &= ~DM_DEFERRED_REMOVE),
        PlantedBug.Of("driver-version", "the driver is one patch level too new", p => p with
        {
            DriverVersion = (p.DriverVersion.Major, p.DriverVersion.Minor, p.DriverVersion.Patch + 1),
        }),
        PlantedBug.Of("target-version", "the linear target is one version too new", p => p with
        {
            TargetVersions = p.TargetVersions.ToDictionary(
                row => row.Key, row => row.Key == "linear" ? (row.Value.Major, row.Value.Minor + 1, row.Value.Patch) : row.Value),
        }),
    ];

    private static void ClearDeps(DmIoctl header)
    {
        // The view is of the whole buffer: the payload follows the header in it.
        var payload = header.Bytes;
        int start = (int)header.DataStart;
        if (start + DmTargetDeps.Size <= payload.Length)
            payload.Slice(start + DmTargetDeps.CountOffset, sizeof(uint)).Clear();
    }

    private static IEnumerable<PlantedBug> Events() =>
    [
        PlantedBug.At("log-line-missing", "errors of ioctls are not logged", () => new WrongLog(
            line => line.Text.Contains("ioctl", StringComparison.Ordinal) ? null : line)),
        PlantedBug.At("log-word", "one word of a log line is spelt otherwise", () => new WrongLog(
            line => line with { Text = line.Text.Replace("table: ", "table ", StringComparison.Ordinal) })),
        PlantedBug.At("log-level", "errors are logged as warnings", () => new WrongLog(
            line => line with { Level = line.Level == 3 ? 4 : line.Level })),
        PlantedBug.At("uevent-missing", "a removed device sends no uevent", () => new WrongUevents(
            sent => sent.Action == "remove" && sent.Device.StartsWith("dm-", StringComparison.Ordinal) ? null : sent)),
        PlantedBug.At("uevent-cookie-lost", "the cookie is not passed on", () => new WrongUevents(
            sent => sent with { Variables = [.. sent.Variables.Where(v => !v.StartsWith("DM_COOKIE", StringComparison.Ordinal))] })),
        PlantedBug.At("uevent-action", "a resume sends add, not change", () => new WrongUevents(
            sent => sent.Action == "change" ? sent with { Action = "add" } : sent)),
        PlantedBug.At("poll-never-ready", "poll never tells of an event", () => new PollNeverReady()),
    ];
}
