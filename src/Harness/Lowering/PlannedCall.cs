using DmSim.Abi;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Lowering;

/// <summary>What a call of a case is made for, and so how its reply is read.</summary>
internal enum CallRole
{
    /// <summary>Attaches a loop device before the first operation.</summary>
    SetUp,
    Operation,
    /// <summary>The open(2) and close(2) around an I/O operation on a device that the sequence holds no handle of.</summary>
    OpenForIo,
    CloseAfterIo,

    Collect,
    Log,
    Uevents,
    Poll,
    List,
    Info,
    Table,
    Status,
    Deps,
    InactiveTable,
    InactiveStatus,
    InactiveDeps,
    OpenToLook,
    Limits,
    CloseAfterLook,
    Digest,
    /// <summary>The metadata of a pool, block by block, at the end of a case.</summary>
    Dump,
    LogOfLooking,
}

/// <param name="Step">The step it belongs to.</param>
/// <param name="Subject">What its reply is about.</param>
/// <param name="Device">The device it goes to, where values are carried over by device.</param>
internal readonly record struct PlannedCall(int Step, CallRole Role, Subject Subject, DeviceNumber Device = default);
