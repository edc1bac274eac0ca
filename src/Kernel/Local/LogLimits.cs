using DmSim.Abi;

namespace DmSim.Kernel.Local;

/// <summary>
/// Makes limits of log lines as good as new. One that has swallowed lines says how many when its next line comes, however much later
/// that is (___ratelimit, lib/ratelimit.c, 6.1), and so would say it to the next case. So its next line is brought about here.
/// </summary>
internal static class LogLimits
{
    /// <summary>In every line of a failed request (blk_print_req_error, block/blk-mq.c, 6.1).</summary>
    public const string RequestFailed = " error, dev ";

    /// <summary>bio_check_eod, block/blk-core.c, 6.1.</summary>
    private const string BeyondEnd = ": attempt to access beyond end of device";

    private const string Name = "log-limits";
    private const int Loop = 0;
    private const ulong LoopSectors = 128;
    private const ulong LoopBytes = LoopSectors * Sectors.BytesPerSector;
    private static readonly DeviceNumber LoopDevice = DeviceNumber.Loop(Loop);

    /// <summary>Whether it is known here how to bring this text about.</summary>
    public static bool CanRenew(string text) => IsRequestFailed(text) || IsBeyondEnd(text);

    private static bool IsRequestFailed(string text) => text.Contains(RequestFailed, StringComparison.Ordinal);

    private static bool IsBeyondEnd(string text) => text.Contains(BeyondEnd, StringComparison.Ordinal);

    /// <summary>
    /// Has each text printed once more, on devices of its own that are gone afterwards. Null, or the text that did not come. The limits
    /// are fresh when another interval has passed.
    /// </summary>
    /// <param name="machine">One without mapped devices and with loop0 free.</param>
    /// <param name="texts">Each can be renewed, and its last interval is over.</param>
    public static async ValueTask<string?> RenewAsync(LocalMachine machine, IReadOnlyList<string> texts)
    {
        await machine.Loops.AttachAsync(Loop, LoopBytes, readOnly: false);
        if (texts.Any(IsRequestFailed))
            await FailRequestAsync(machine);
        if (texts.Any(IsBeyondEnd))
            await PassEndAsync(machine);
        await machine.Loops.DetachAsync(Loop);
        var lines = machine.Log.TakeNew();
        return texts.FirstOrDefault(text => !lines.Any(line =>
            IsRequestFailed(text) ? IsRequestFailed(line.Text) : IsBeyondEnd(line.Text))) is { } missing
            ? $"the limit of a log line cannot be renewed: {missing}" : null;
    }

    /// <summary>The file behind the device is on a tmpfs, which cannot make zeros that take space (shmem_fallocate, mm/shmem.c, 6.1).</summary>
    private static async ValueTask FailRequestAsync(LocalMachine machine)
    {
        if (machine.Open(LoopDevice, OpenMode.Write, out var loop) != Errno.None)
            return;
        using (loop)
            await loop!.ZeroOutAsync(0, LoopBytes);
    }

    /// <summary>A table does not notice that a device below it has shrunk.</summary>
    private static async ValueTask PassEndAsync(LocalMachine machine)
    {
        var control = new DmControl(machine);
        var created = await control.CreateAsync(Name);
        TableLine[] table = [new(Sectors.Zero, new Sectors(LoopSectors), "linear", $"{LoopDevice} 0")];
        await control.SendAsync(DmRequest.Load(Name, table));
        await control.SendAsync(DmRequest.Resume(Name));
        await machine.Loops.ResizeAsync(Loop, LoopBytes / 2);
        if (created.Errno == Errno.None && machine.Open(created.Header.Device, OpenMode.Read, out var device) == Errno.None)
        {
            using (device)
            using (var buffer = machine.RentBuffer(Sectors.BytesPerSector))
                await device!.ReadAsync(LoopBytes - Sectors.BytesPerSector, buffer.Memory[..Sectors.BytesPerSector]);
        }
        await control.RemoveAsync(Name);
    }
}
