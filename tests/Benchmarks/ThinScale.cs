using System.Diagnostics;
using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.PersistentData;
using DmSim.Model.Profiles;
using DmSim.Model.Thin;

namespace DmSim.Benchmarks;

/// <summary>A machine with one pool of 64 KiB blocks, which does not zero them, and volumes in it; all through its system calls.</summary>
internal sealed class ThinMachine : IAsyncDisposable
{
    public const int BlockBytes = 64 << 10;

    private readonly ModelMachine _machine = new(KernelProfile.Linux61);
    private readonly DmControl _control;

    /// <param name="dataBlocks">What the pool has room for; the devices below are sparse.</param>
    public ThinMachine(ulong dataBlocks)
    {
        _control = new DmControl(_machine);
        const ulong MetadataBytes = 1UL << 30;
        Must(Done(_machine.Loops.AttachAsync(0, MetadataBytes, readOnly: false)));
        Must(Done(_machine.Loops.AttachAsync(1, dataBlocks * BlockBytes, readOnly: false)));
        Create("pool", dataBlocks * (BlockBytes / 512), "thin-pool", "7:0 7:1 128 0 1 skip_block_zeroing");
    }

    private void Create(string name, ulong sectors, string target, string parameters)
    {
        Must(Done(_control.CreateAsync(name)).Errno);
        Must(Done(_control.LoadAsync(name, [new TableLine(Sectors.Zero, new Sectors(sectors), target, parameters)])).Errno);
        Must(Done(_control.ResumeAsync(name)).Errno);
    }

    public IOpenDevice Volume(int id, ulong sectors)
    {
        Message($"create_thin {id}");
        string name = $"thin{id}";
        Create(name, sectors, "thin", $"254:0 {id}");
        Must(_machine.Open(Done(_control.InfoAsync(name)).Header.Device, OpenMode.ReadWrite, out var device));
        return device!;
    }

    public void Message(string message) => Must(Done(_control.MessageAsync("pool", message)).Reply.Errno);

    public string Status(string name) => Done(_control.StatusAsync(name)).Value![0].Parameters;

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    public static T Done<T>(ValueTask<T> work) => work.IsCompleted ? work.Result : throw new InvalidOperationException("a call waits");

    public static void Must(Errno errno)
    {
        if (errno != Errno.None)
            throw new InvalidOperationException($"a call was refused: {errno}");
    }
}

/// <summary>A pool's metadata alone, on memory.</summary>
internal sealed class ThinMappings : IMetadataStore, IMetadataLog
{
    private readonly Dictionary<ulong, byte[]> _written = [];
    private readonly PoolMetadata _metadata;
    private readonly ThinDeviceMetadata _device;
    private ulong _next;
    private int _snapshots;

    public ThinMappings(ulong dataBlocks)
    {
        ThinMachine.Must(PoolMetadata.Open(this, this, new Sectors(128), formatDevice: true, out _metadata));
        ThinMachine.Must(_metadata.ResizeDataDevice(new DataBlock(dataBlocks)));
        ThinMachine.Must(_metadata.CreateThin(new ThinId(0)));
        ThinMachine.Must(_metadata.Commit());
        ThinMachine.Must(_metadata.OpenDevice(new ThinId(0), out _device));
    }

    public ulong BlockCount => 200_000;
    public bool ReadOnly => false;

    /// <summary>Maps so many more blocks, a block at a time, with a commit every 100,000.</summary>
    public void Provision(int count)
    {
        for (int i = 0; i < count; i++)
        {
            ThinMachine.Must(_metadata.AllocateDataBlock(out var block));
            ThinMachine.Must(_metadata.InsertBlock(_device, new VirtualBlock(_next), block));
            if (++_next % 100_000 == 0)
                ThinMachine.Must(_metadata.Commit());
        }
        ThinMachine.Must(_metadata.Commit());
    }

    public string Debug() { _metadata.GetFreeMetadataBlocks(out var free); _metadata.GetMetadataDeviceSize(out var size); return $"written {_written.Count} used {size.Value - free.Value}"; }

    public void Snapshot()
    {
        ThinMachine.Must(_metadata.CreateSnap(new ThinId((ulong)++_snapshots), new ThinId(0)));
        ThinMachine.Must(_metadata.Commit());
    }

    public Errno Read(ulong block, Span<byte> data)
    {
        if (_written.TryGetValue(block, out byte[]? found))
            found.CopyTo(data);
        else
            data.Clear();
        return Errno.None;
    }

    public Errno Write(ulong block, ReadOnlySpan<byte> data)
    {
        if (!_written.TryGetValue(block, out byte[]? found))
            _written.Add(block, found = new byte[BlockManager.BlockSize]);
        data.CopyTo(found);
        return Errno.None;
    }

    public Errno Flush() => Errno.None;

    public void Err(string module, string text) => throw new InvalidOperationException(text);
    public void ErrLimited(string function, int line, string module, string text) => throw new InvalidOperationException(text);
    public void Warn(string module, string text) => throw new InvalidOperationException(text);
    public void KernelBug(string function) => throw new InvalidOperationException(function);
}

/// <summary>What pools and volumes cost when they are large.</summary>
internal static class ThinScale
{
    /// <summary>Blocks that get their place a second, by one-sector writes through the volume's device, none of them copied or zeroed.</summary>
    public static double Provisioning(int blocks)
    {
        var machine = new ThinMachine((ulong)blocks);
        using var volume = machine.Volume(0, (ulong)blocks * 128);
        byte[] sector = new byte[512];
        var watch = CpuWatch.StartNew();
        for (int i = 0; i < blocks; i++)
            ThinMachine.Must(ThinMachine.Done(volume.WriteAsync((ulong)i * ThinMachine.BlockBytes, sector)).Errno);
        double rate = blocks / watch.Elapsed.TotalSeconds;
        Expect(machine.Status("pool").Split(' ')[2], $"{blocks}/{blocks}");
        return rate;
    }

    /// <summary>The same without devices: metadata only.</summary>
    public static double MetadataProvisioning(int blocks)
    {
        var mappings = new ThinMappings((ulong)blocks);
        var watch = CpuWatch.StartNew();
        mappings.Provision(blocks);
        return blocks / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Bytes of memory per mapping, all included, and how many times as long a snapshot takes as with a thousand of them.</summary>
    public static (double BytesPerMapping, double SnapshotRatio) Mappings(int count)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var mappings = new ThinMappings((ulong)count);
        mappings.Provision(1000);
        double few = Snapshots(mappings);
        mappings.Provision(count - 1000);
        long bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        double many = Snapshots(mappings);
        Console.WriteLine(mappings.Debug());
        GC.KeepAlive(mappings);
        return ((double)bytes / count, many / few);
    }

    private static double Snapshots(ThinMappings mappings)
    {
        const int Rounds = 30, Each = 20;
        double best = double.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            var watch = CpuWatch.StartNew();
            for (int j = 0; j < Each; j++)
                mappings.Snapshot();
            best = Math.Min(best, watch.Elapsed.TotalSeconds / Each);
        }
        return best;
    }

    /// <summary>Sequential 64 KiB overwrites through a volume, as a part of the speed of a plain copy of as many bytes.</summary>
    public static double Overwrites(int megabytes)
    {
        int blocks = megabytes * 16;
        var machine = new ThinMachine((ulong)blocks);
        using var volume = machine.Volume(0, (ulong)blocks * 128);
        byte[] data = new byte[ThinMachine.BlockBytes];
        Random.Shared.NextBytes(data);
        byte[][] plain = [.. Enumerable.Range(0, blocks).Select(_ => new byte[ThinMachine.BlockBytes])];
        double copy = 0, through = 0;
        for (int round = 0; round < 25; round++)
        {
            var watch = CpuWatch.StartNew();
            for (int i = 0; i < blocks; i++)
                ThinMachine.Must(ThinMachine.Done(volume.WriteAsync((ulong)i * ThinMachine.BlockBytes, data)).Errno);
            // The first round provisions.
            if (round > 0)
                through = Math.Max(through, 1 / watch.Elapsed.TotalSeconds);
            watch.Restart();
            foreach (byte[] block in plain)
                data.CopyTo(block, 0);
            copy = Math.Max(copy, 1 / watch.Elapsed.TotalSeconds);
        }
        return through / copy;
    }

    private static void Expect(string found, string expected)
    {
        if (found != expected)
            throw new InvalidOperationException($"{found} where {expected} was expected");
    }
}

internal sealed class CpuWatch
{
    private TimeSpan _start = Environment.CpuUsage.TotalTime;
    public static CpuWatch StartNew() => new();
    public TimeSpan Elapsed => Environment.CpuUsage.TotalTime - _start;
    public void Restart() => _start = Environment.CpuUsage.TotalTime;
}
