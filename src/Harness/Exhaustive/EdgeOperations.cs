using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Exhaustive;

/// <summary>One operation of the transition graph: an edge leads from every state in which it can be made.</summary>
/// <param name="Name">Short and unique.</param>
/// <param name="Make">The operation, given the device's name and its event number.</param>
/// <param name="IsPossible">In which states it can be made at all: a file cannot be closed that is not open.</param>
/// <param name="MayBlock">It may stay pending: not made while too many others are.</param>
/// <param name="EndsCase">It blocks for good, and what it holds up shows in no state: nothing is made after it.</param>
public sealed record EdgeOperation(
    string Name, Func<string, uint, Operation> Make, Func<DeviceView, bool> IsPossible, bool MayBlock = false, bool EndsCase = false);

/// <summary>What is done in every state.</summary>
public static class EdgeOperations
{
    /// <summary>The handle that a case opens.</summary>
    private const int Handle = 1;

    private const string Uuid = "U0";

    /// <summary>Those that leave the state alone come first, so that a walk makes them on its way.</summary>
    public static IReadOnlyList<EdgeOperation> For(TargetTables tables) =>
        [.. Queries(), .. Io(), .. Refusals(tables), .. Changes(tables), .. Ends()];

    private static EdgeOperation Always(string name, Func<DeviceRef, Operation> make) => new(name, (device, _) => make(device), _ => true);

    private static IEnumerable<EdgeOperation> Queries() =>
    [
        Always("info", d => new Operation.Info(d)),
        Always("info-inactive", d => new Operation.Info(d, Inactive: true)),
        Always("status", d => new Operation.Status(d)),
        Always("status-inactive", d => new Operation.Status(d, Inactive: true)),
        Always("status-noflush", d => new Operation.Status(d, NoFlush: true)),
        Always("table", d => new Operation.Table(d)),
        Always("table-inactive", d => new Operation.Table(d, Inactive: true)),
        Always("deps", d => new Operation.Deps(d)),
        Always("deps-inactive", d => new Operation.Deps(d, Inactive: true)),
        Always("ls", _ => new Operation.ListDevices()),
        Always("arm-poll", _ => new Operation.ArmPoll()),
        new("wait-past", (name, nr) => new Operation.Wait(name, unchecked(nr + 1)), _ => true),
    ];

    private static EdgeOperation IoOf(string name, Func<IoTarget, Operation> make) =>
        new(name, (device, _) => make(device), state => state.Exists, MayBlock: true);

    private static Bytes Sectors(ulong count) => new Sectors(count).ToBytes();

    private static IEnumerable<EdgeOperation> Io() =>
    [
        IoOf("read", d => new Operation.Read(d, Sectors(0), Sectors(24))),
        IoOf("read-past-end", d => new Operation.Read(d, Sectors(64), Sectors(8))),
        IoOf("write", d => new Operation.Write(d, Sectors(4), Sectors(16), 1)),
        IoOf("write-past-end", d => new Operation.Write(d, Sectors(64), Sectors(8), 2)),
        IoOf("discard", d => new Operation.Discard(d, Sectors(8), Sectors(8))),
        IoOf("zero-out", d => new Operation.ZeroOut(d, Sectors(2), Sectors(4))),
        IoOf("secure-erase", d => new Operation.SecureErase(d, Sectors(8), Sectors(8))),
        IoOf("flush", d => new Operation.Flush(d)),
    ];

    private static IEnumerable<EdgeOperation> Refusals(TargetTables tables) =>
    [
        Always("load-refused", d => new Operation.LoadTable(d, [tables.Refused])),
        Always("load-unknown-type", d => new Operation.LoadTable(d, [tables.First with { Type = "no-such-type" }])),
        Always("load-nothing", d => new Operation.LoadTable(d, [])),
        Always("rename-to-itself", d => new Operation.Rename(d, d.Name!)),
        Always("message", d => new Operation.Message(d, Abi.Sectors.Zero, "hello")),
        Always("message-past-end", d => new Operation.Message(d, new Sectors(1 << 20), "hello")),
        Always("message-of-core", d => new Operation.Message(d, Abi.Sectors.Zero, "@no_such_message")),
        Always("set-geometry", d => new Operation.SetGeometry(d, "1 2 3 0")),
    ];

    private static IEnumerable<EdgeOperation> Changes(TargetTables tables) =>
    [
        Always("create", d => new Operation.Create(d.Name!)),
        Always("create-uuid", d => new Operation.Create(d.Name!, Uuid)),
        Always("set-uuid", d => new Operation.SetUuid(d, Uuid)),
        Always("rename", d => new Operation.Rename(d, d.Name == Naming.Name(0) ? Naming.Name(1) : Naming.Name(0))),
        Always("load", d => new Operation.LoadTable(d, [tables.First])),
        Always("load-other", d => new Operation.LoadTable(d, [tables.Second])),
        Always("load-readonly", d => new Operation.LoadTable(d, [tables.First], ReadOnly: true)),
        Always("clear", d => new Operation.Clear(d)),
        Always("suspend", d => new Operation.Suspend(d)),
        Always("suspend-noflush", d => new Operation.Suspend(d, NoFlush: true)),
        Always("suspend-nolockfs", d => new Operation.Suspend(d, NoLockfs: true)),
        Always("resume", d => new Operation.Resume(d)),
        Always("resume-noflush", d => new Operation.Resume(d, NoFlush: true)),
        Always("cancel-deferred-remove", d => new Operation.Message(d, Abi.Sectors.Zero, "@cancel_deferred_remove")),
        Opening("open-read", OpenMode.Read),
        Opening("open-write", OpenMode.ReadWrite),
        Opening("open-exclusive", OpenMode.Read | OpenMode.Exclusive),
        new("wait", (name, nr) => new Operation.Wait(name, nr), state => state.HasLive, MayBlock: true),
        // Nothing wakes who waits for a device that never had a table. Its removal then waits for the waiter, and in the one
        // worker that there is every later deferred removal waits for that (do_deferred_remove, drivers/md/dm.c, 6.1).
        new("wait-without-table", (name, nr) => new Operation.Wait(name, nr), state => state is { Exists: true, HasLive: false },
            MayBlock: true, EndsCase: true),
    ];

    private static EdgeOperation Opening(string name, OpenMode mode) =>
        new(name, (device, _) => new Operation.Open(Handle, device, mode), state => state is { Exists: true, IsOpen: false });

    private static IEnumerable<EdgeOperation> Ends() =>
    [
        new("close", (_, _) => new Operation.Close(Handle), state => state.IsOpen),
        Always("remove-deferred", d => new Operation.Remove(d, Deferred: true)),
        Always("remove-all-deferred", _ => new Operation.RemoveAll(Deferred: true)),
        Always("remove", d => new Operation.Remove(d)),
        Always("remove-all", _ => new Operation.RemoveAll()),
    ];
}
