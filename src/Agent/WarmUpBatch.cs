using DmSim.Abi;

namespace DmSim.Agent;

/// <summary>One of every call, on devices that are gone again at the end.</summary>
internal static class WarmUpBatch
{
    private const int Handle = 1;
    private const int Other = 2;
    private const ulong StoreBytes = 1 << 20;

    /// <summary>Not the first loop devices: those are the cases'.</summary>
    private const int Loop = 7;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>For the write to a suspended device, which is to stay pending.</summary>
    private static readonly TimeSpan NoPatience = TimeSpan.FromMilliseconds(20);

    /// <summary>All at instant zero: what cannot be done at once is waited for.</summary>
    public static IReadOnlyList<ScheduledCall> Calls() => [.. Each().Select(call =>
        new ScheduledCall(TimeSpan.Zero, call is MachineCall.Write { Handle: Other } ? NoPatience : Patience, call)),
        new ScheduledCall(RateLimitsOver, Patience, new MachineCall.TakeLog())];

    /// <summary>
    /// What was logged here counts against the limits of log lines (DEFAULT_RATELIMIT_INTERVAL: five seconds, include/linux/
    /// ratelimit_types.h, 6.1); a case is to begin with all of them fresh.
    /// </summary>
    private static readonly TimeSpan RateLimitsOver = TimeSpan.FromSeconds(6);

    private static IEnumerable<MachineCall> Each()
    {
        var loop = DeviceNumber.Loop(Loop);
        var dm = DeviceNumber.Dm(0);
        yield return new MachineCall.LoopAttach(Loop, StoreBytes, false);
        yield return DmRequest.Version().ToCall();
        yield return DmRequest.ListVersions().ToCall();
        yield return DmRequest.Create("warm").ToCall();
        yield return DmRequest.Load("warm", [Line(0, 1024, "linear", $"{loop} 0"), Line(1024, 1024, "zero", "")]).ToCall();
        yield return DmRequest.Resume("warm").ToCall();
        yield return new MachineCall.Open(Handle, dm, OpenMode.ReadWrite);
        yield return new MachineCall.Write(Handle, 0, 4096, 1);
        yield return new MachineCall.Read(Handle, 0, 4096);
        yield return new MachineCall.Discard(Handle, 0, 4096);
        yield return new MachineCall.ZeroOut(Handle, 0, 4096);
        yield return new MachineCall.SecureErase(Handle, 0, 4096);
        yield return new MachineCall.Flush(Handle);
        yield return new MachineCall.Limits(Handle);
        foreach (var request in Looks())
            yield return request.ToCall();
        yield return DmRequest.Load("warm", [Line(0, 1024, "nosuch", "")]).ToCall();
        yield return DmRequest.Load("warm", [Line(0, 2048, "error", "")]).ToCall();
        yield return DmRequest.Clear("warm").ToCall();
        yield return DmRequest.Load("warm", [Line(0, 2048, "delay", $"{loop} 0 1")]).ToCall();
        yield return DmRequest.Suspend("warm").ToCall();
        yield return new MachineCall.Open(Other, dm, OpenMode.ReadWrite);
        yield return new MachineCall.Write(Other, 0, 4096, 2);
        yield return new MachineCall.TakeLog();
        yield return new MachineCall.TakeUevents();
        yield return new MachineCall.PollControl();
        yield return DmRequest.Resume("warm").ToCall();
        yield return new MachineCall.Collect();
        yield return new MachineCall.Digest(dm, 4096, StoreBytes);
        yield return new MachineCall.Digest(loop, (int)StoreBytes, StoreBytes);
        yield return new MachineCall.Dump(loop, StoreBytes);
        yield return new MachineCall.Fill(loop, [new DumpedBlock(0, new byte[DumpedBlock.Bytes])]);
        yield return new MachineCall.Close(Handle);
        yield return new MachineCall.Close(Other);
        yield return DmRequest.Rename("warm", "warmer").ToCall();
        yield return DmRequest.Message("warmer", new Sectors(0), "hello").ToCall();
        yield return DmRequest.ArmPoll().ToCall();
        yield return DmRequest.Remove("warmer").ToCall();
        yield return new MachineCall.LoopResize(Loop, StoreBytes / 2);
        yield return new MachineCall.LoopDetach(Loop);
        yield return new MachineCall.TakeLog();
        yield return new MachineCall.TakeUevents();
    }

    private static IEnumerable<DmRequest> Looks() =>
    [
        DmRequest.ListDevices(), DmRequest.Info("warm"), DmRequest.Table("warm"), DmRequest.Status("warm"),
        DmRequest.Deps("warm"), DmRequest.Wait("warm", uint.MaxValue), DmRequest.TargetVersion("linear"), DmRequest.SetGeometry("warm", "1 1 1 0"),
    ];

    private static TableLine Line(ulong start, ulong length, string type, string parameters) =>
        new(new Sectors(start), new Sectors(length), type, parameters);
}
