using DmSim.Abi;

namespace DmSim.Harness.PlantedBugs;

/// <summary>Bugs in reads, writes, discards and limits.</summary>
internal static class DataBugs
{
    public static IReadOnlyList<PlantedBug> All { get; } =
    [
        PlantedBug.At("last-sector-lost", "the last of eight or more sectors is not written", () => new LastSectorLost()),
        PlantedBug.At("write-past-end", "a write past the end is EIO, not ENOSPC", () => new WritePastEnd()),
        PlantedBug.At("read-one-short", "a read that the end cuts short says one byte less", () => new ReadOneShort()),
        PlantedBug.At("discard-does-nothing", "discards answer 0 and leave the data", () => new DiscardDoesNothing()),
        PlantedBug.At("zero-out-too-short", "the last sector to be zeroed is left", () => new ZeroOutTooShort()),
        PlantedBug.At("error-number", "a failed read is ENODATA, not EIO", () => new ReadErrno()),
        PlantedBug.At("io-opt-forgotten", "the optimal size of I/O is not passed on", () => new WrongLimits(l => l with { IoOpt = 0 })),
        PlantedBug.At("size-off-by-one", "a mapped device is one sector larger than its table", () => new WrongLimits(
            l => l with { Size = l.Size == 0 ? 0 : l.Size + Sectors.BytesPerSector })),
        PlantedBug.At("readonly-not-shown", "a read-only device says that it can be written", () => new WrongLimits(
            l => l with { ReadOnly = false })),
    ];

    private sealed class LastSectorLost : Mutation
    {
        private const int Least = 8 * Sectors.BytesPerSector;

        public override async ValueTask<IoResult> WriteAsync(IOpenDevice device, ulong offset, ReadOnlyMemory<byte> data)
        {
            if (device.Device.Major != DeviceNumber.DmMajor || data.Length < Least || data.Length % Sectors.BytesPerSector != 0)
                return await device.WriteAsync(offset, data);
            var result = await device.WriteAsync(offset, data[..^Sectors.BytesPerSector]);
            return result.Errno == Errno.None && result.Count == data.Length - Sectors.BytesPerSector ? IoResult.Ok(data.Length) : result;
        }
    }

    private sealed class WritePastEnd : Mutation
    {
        public override async ValueTask<IoResult> WriteAsync(IOpenDevice device, ulong offset, ReadOnlyMemory<byte> data)
        {
            var result = await device.WriteAsync(offset, data);
            return result.Errno == Errno.ENOSPC ? IoResult.Failed(Errno.EIO) : result;
        }
    }

    private sealed class ReadOneShort : Mutation
    {
        public override async ValueTask<IoResult> ReadAsync(IOpenDevice device, ulong offset, Memory<byte> data)
        {
            var result = await device.ReadAsync(offset, data);
            return result.Count > 0 && result.Count < data.Length ? IoResult.Ok(result.Count - 1) : result;
        }
    }

    private sealed class ReadErrno : Mutation
    {
        public override async ValueTask<IoResult> ReadAsync(IOpenDevice device, ulong offset, Memory<byte> data)
        {
            var result = await device.ReadAsync(offset, data);
            return result.Errno == Errno.EIO ? IoResult.Failed(Errno.ENODATA) : result;
        }
    }

    private sealed class DiscardDoesNothing : Mutation
    {
        private const ulong MostKept = 1 << 20;

        public override async ValueTask<Errno> DiscardAsync(IOpenDevice device, ulong offset, ulong length)
        {
            if (device.Device.Major != DeviceNumber.DmMajor || length > MostKept)
                return await device.DiscardAsync(offset, length);
            byte[] kept = new byte[length];
            var read = await device.ReadAsync(offset, kept);
            var errno = await device.DiscardAsync(offset, length);
            if (errno == Errno.None && read.Errno == Errno.None && read.Count == kept.Length)
                await device.WriteAsync(offset, kept);
            return errno;
        }
    }

    private sealed class ZeroOutTooShort : Mutation
    {
        public override ValueTask<Errno> ZeroOutAsync(IOpenDevice device, ulong offset, ulong length) =>
            device.ZeroOutAsync(offset, length > Sectors.BytesPerSector && length % Sectors.BytesPerSector == 0 ? length - Sectors.BytesPerSector : length);
    }

    private sealed class WrongLimits(Func<DeviceLimits, DeviceLimits> change) : Mutation
    {
        public override DeviceLimits Limits(DeviceNumber device, DeviceLimits limits) =>
            device.Major == DeviceNumber.DmMajor ? change(limits) : limits;
    }
}
