using System.Globalization;
using DmSim.Abi;
using DmSim.Kernel.Interop;

namespace DmSim.Kernel.Local;

/// <summary>What /sys/dev/block/M:m/queue says of a device.</summary>
internal readonly record struct QueueValues(ulong DiscardMaxBytes, ulong DiscardGranularity, ulong WriteZeroesMaxBytes,
    ulong ChunkSectors, bool WriteBackCache, bool Fua, bool Rotational);

/// <summary>
/// Reads queue files and keeps them open: walking the path costs ten times the read. A file of a device that has gone answers
/// ENODEV and is opened afresh.
/// </summary>
internal sealed class QueueFiles : IDisposable
{
    private static readonly string[] Names =
        ["discard_max_bytes", "discard_granularity", "write_zeroes_max_bytes", "chunk_sectors", "write_cache", "fua", "rotational"];

    private readonly Dictionary<DeviceNumber, int[]> _open = [];

    public QueueValues Read(DeviceNumber device)
    {
        lock (_open)
        {
            Span<byte> line = stackalloc byte[64];
            return new QueueValues(Number(device, 0, line), Number(device, 1, line), Number(device, 2, line), Number(device, 3, line),
                Text(device, 4, line).StartsWith("write back"u8), Number(device, 5, line) != 0, Number(device, 6, line) != 0);
        }
    }

    private ulong Number(DeviceNumber device, int file, Span<byte> line) =>
        System.Buffers.Text.Utf8Parser.TryParse(Text(device, file, line), out ulong value, out _) ? value : 0;

    private unsafe ReadOnlySpan<byte> Text(DeviceNumber device, int file, Span<byte> line)
    {
        for (int attempt = 0; attempt < 2; attempt++)
        {
            if (!_open.TryGetValue(device, out int[]? files) && !TryOpen(device, out files))
                return default;
            fixed (byte* p = line)
            {
                var result = Libc.PositionalRead(files[file], p, line.Length, 0);
                if (result.Errno == Errno.None)
                    return line[..result.Count];
            }
            Forget(device, files);
        }
        return default;
    }

    private bool TryOpen(DeviceNumber device, out int[] files)
    {
        files = new int[Names.Length];
        string folder = string.Create(CultureInfo.InvariantCulture, $"/sys/dev/block/{device.Major}:{device.Minor}/queue/");
        for (int i = 0; i < files.Length; i++)
            _ = Libc.Open(folder + Names[i], Libc.O_RDONLY | Libc.O_CLOEXEC, 0, out files[i]);
        if (files.All(fd => fd < 0))
            return false;
        _open.Add(device, files);
        return true;
    }

    private void Forget(DeviceNumber device, int[] files)
    {
        _open.Remove(device);
        foreach (int fd in files.Where(fd => fd >= 0))
            Libc.Close(fd);
    }

    /// <summary>Closes everything that is open.</summary>
    public void Dispose()
    {
        lock (_open)
        {
            foreach (var (device, files) in _open.ToArray())
                Forget(device, files);
        }
    }
}
