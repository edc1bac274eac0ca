using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;
using NUnit.Framework;

namespace DmSim.Property.Harness.Generators;

/// <summary>
/// What the thin area reaches: each point is something that pools and volumes can do or meet, with the way to see that a case has come
/// there. A campaign says nothing about what it never reached. (A commit that leaves exactly no free metadata block is too rare for
/// this; SectionE/E22 has it.)
/// </summary>
internal sealed class ThinCoverageTests
{
    private const int Cases = 300;
    private const int Operations = 60;

    /// <summary>Seen in the texts of a step: log lines, statuses.</summary>
    private static readonly (string Point, string Text)[] Texts =
    [
        ("the data device grows", ": growing the data device from"),
        ("the metadata device grows", ": growing the metadata device from"),
        ("a data device too small for its pool", "blocks) too small: expected"),
        ("low water mark for data", "reached low water mark for data device"),
        ("low water mark for metadata", "reached low water mark for metadata device"),
        ("full, I/O waits", "out-of-data-space (queue IO)"),
        ("full, I/O fails", "out-of-data-space (error IO)"),
        ("read-only", "switching pool to read-only mode"),
        ("back to write mode", "switching pool to write mode"),
        ("failed", "switching pool to fail mode"),
        ("a metadata operation fails", "metadata operation '"),
        ("a commit fails", "metadata operation 'dm_pool_commit_metadata' failed"),
        ("a transaction is given up", "aborting current metadata transaction"),
        ("needs_check in the status", " needs_check "),
        ("a pool to be repaired is not switched back", "unable to switch pool to write mode until repaired"),
        ("messages to a read-only pool", "unable to service pool target messages in READ_ONLY or FAIL mode"),
        ("a volume activated while the pool is suspended", "Unable to activate thin device while pool is suspended"),
        ("a volume activated on a failed pool", "Pool is in fail mode"),
        ("discard support cannot change", "Discard support cannot be disabled once enabled"),
        ("one metadata device for two pools", "metadata device already in use by a pool"),
        ("another data device for the pool", "different pool cannot replace a pool"),
        ("an unknown volume deleted", "Deletion of thin device"),
        ("a volume made twice", "Creation of new thinly-provisioned device with id"),
        ("a snapshot refused", "Creation of new snapshot"),
        ("a transaction id that is not the present one", "mismatched transaction id"),
        ("a second metadata snapshot", "Pool metadata snapshot already exists"),
        ("no metadata snapshot to release", "No pool metadata snapshot found"),
        ("ignore_discard", " ignore_discard "),
        ("no_discard_passdown", " no_discard_passdown "),
    ];

    private static readonly (string Point, Func<StepRecord, bool> Is)[] States =
    [
        ("a metadata snapshot held", step => Status(step, "thin-pool").Any(words => words.Length > 6 && words[6] != "-" && words[6] != "Fail")),
        ("a volume of a failed pool", step => Status(step, "thin").Any(words => words is [_, _, _, "Fail"])),
        ("an open volume deleted", step => Errno(step, "delete ") == "EBUSY"),
        ("a volume deleted", step => Errno(step, "delete ") == "ok"),
        ("a snapshot made", step => Errno(step, "create_snap ") == "ok"),
        ("I/O waits for room", step => step.Context.After.Pending.Any(p => p.Operation is Operation.Write && Volume(step, p.Device) is not null
            && !step.Context.After.IsBlocked(p.Device!.Value))),
        ("what waited for room fails after a minute", step => step.Context.Operation is Operation.Advance && Completed(step, "ENOSPC")),
        ("what waited goes on after growth", step => step.Context.Operation is Operation.Resume && step.Context.Before.Pending
            .Any(p => p.Operation is Operation.Write && !step.Context.After.Pending.Contains(p))),
        ("a discard of a volume", step => step.Context.Operation is Operation.Discard { Target.Device: { } d } && step.Outcome.OfOperation(Field.Errno) is null
            && Volume(step, step.Context.Before.Resolve(d)) is not null),
        ("pool and volume both suspended", step => step.Context.After.Devices.Any(d => IsVolume(d) && d.IsSuspended)
            && step.Context.After.Devices.Any(d => IsPool(d) && d.IsSuspended)),
        ("a resume of a volume waits for its pool", step => step.Context.After.Pending.Any(p => p.Operation is Operation.Resume && Volume(step, p.Device) is not null)),
        ("an external origin as long as its volume", step => Origin(step, (volume, origin) => volume == origin)),
        ("a longer external origin", step => Origin(step, (volume, origin) => volume < origin)),
        ("a shorter external origin", step => Origin(step, (volume, origin) => volume > origin)),
        ("an external origin that ends within a block", step => Origin(step, (volume, origin) => volume > origin && origin % 128 != 0)),
        ("metadata on a device that fails writes", step => step.Context.After.Devices.Any(pool => IsPool(pool) && pool.LiveDeps.Any(below =>
            step.Context.After.Find(below) is { Live: [{ Type: "flakey" or "error" }] }))),
        ("a volume longer than a pool can hold", step => step.Context.After.Devices.Any(d => IsVolume(d) && d.Size.Value > 2048)),
    ];

    [Test]
    public Task Every_point_is_reached() => new Coverage(Texts, States).AssertReachedAsync("thin", Cases, Operations);

    private static bool IsPool(DeviceState device) => device.Live is [{ Type: "thin-pool" }];

    private static bool IsVolume(DeviceState device) => device.Live is [{ Type: "thin" }, ..];

    private static DeviceState? Volume(StepRecord step, DmSim.Abi.DeviceNumber? number) =>
        number is { } n && step.Context.Before.Find(n) is { } device && IsVolume(device) ? device : null;

    /// <summary>The status lines of a target type, in words.</summary>
    private static IEnumerable<string[]> Status(StepRecord step, string type) =>
        from value in step.Outcome.Values
        where value.Field == Field.Status && value.Subject.Kind == SubjectKind.Device
        from line in value.Value.Split('\n')
        let words = line.Split(' ')
        where words.Length > 2 && words[2] == type
        select words;

    private static string? Errno(StepRecord step, string message) =>
        step.Context.Operation is Operation.Message { Text: var text } && text.StartsWith(message, StringComparison.Ordinal)
            ? step.Outcome.OfOperation(Field.Errno) ?? "ok" : null;

    private static bool Completed(StepRecord step, string errno) => step.Outcome.Values.Any(value =>
        value.Subject.Kind == SubjectKind.Completion && value.Field == Field.Errno && value.Value == errno);

    private static bool Origin(StepRecord step, Func<ulong, ulong, bool> fits)
    {
        foreach (var device in step.Context.After.Devices.Where(IsVolume))
        {
            string[] words = device.Live[0].Parameters.Split(' ');
            if (words.Length > 2 && step.Context.After.Loops.FirstOrDefault(l => l.Number.ToString() == words[2]) is { } loop
                && fits(device.Size.Value, loop.Size.ToSectorsFloor().Value))
                return true;
        }
        return false;
    }
}
