using DmSim.Abi;
using DmSim.Harness.PlantedBugs;

namespace DmSim.Property.Harness.Shrinking;

/// <summary>Bugs that take six operations, none of which can be left out.</summary>
internal abstract class DeepBug : Mutation
{
    protected sealed class Life
    {
        public bool Loaded { get; set; }
        public bool Suspended { get; set; }
        public bool SuspendedOnce { get; set; }
        public bool Renamed { get; set; }
        public int Swaps { get; set; }
    }

    private readonly Dictionary<ulong, Life> _lives = [];

    protected Life Of(ulong device)
    {
        if (!_lives.TryGetValue(device, out var life))
            _lives.Add(device, life = new Life());
        return life;
    }

    public sealed override Errno Reply(DmCommand command, ReadOnlySpan<byte> request, Span<byte> reply, Errno errno)
    {
        if (errno != Errno.None)
            return errno;
        var header = new DmIoctl(reply);
        if (command == DmCommand.DM_DEV_CREATE)
            _lives.Remove(header.Dev);
        var life = Of(header.Dev);
        bool suspend = command == DmCommand.DM_DEV_SUSPEND && (header.Flags & DmFlags.DM_SUSPEND_FLAG) != 0;
        bool resume = command == DmCommand.DM_DEV_SUSPEND && !suspend;
        life.Swaps += resume && life.Loaded ? 1 : 0;
        life.SuspendedOnce |= suspend;
        life.Renamed |= command == DmCommand.DM_DEV_RENAME && life.Swaps > 0;
        life.Loaded = command == DmCommand.DM_TABLE_LOAD || (life.Loaded && !resume && command != DmCommand.DM_TABLE_CLEAR);
        if (command == DmCommand.DM_DEV_SUSPEND)
            Answered(header, life, resume);
        return errno;
    }

    protected virtual void Answered(DmIoctl header, Life life, bool isResume) { }
}

/// <summary>create, load, resume, load, resume, write: what is written to the second table never arrives.</summary>
internal sealed class WritesAreLostAfterTwoSwaps : DeepBug
{
    public override ValueTask<IoResult> WriteAsync(IOpenDevice device, ulong offset, ReadOnlyMemory<byte> data)
    {
        bool lost = Of(device.Device.Encode()).Swaps >= 2 && data.Length > 0 && offset < device.Limits().Size && offset % 512 == 0;
        return lost ? new ValueTask<IoResult>(IoResult.Ok(data.Length)) : base.WriteAsync(device, offset, data);
    }
}

/// <summary>create, load, resume, rename, suspend, resume: an event number too many.</summary>
internal sealed class ResumeOfARenamedDeviceCountsAnEvent : DeepBug
{
    protected override void Answered(DmIoctl header, Life life, bool isResume)
    {
        if (isResume && life is { Renamed: true, SuspendedOnce: true })
            header.EventNr++;
    }
}
