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
    /// <summary>A pool with so many mappings, made by one-sector writes of zeros, which sparse devices do not keep.</summary>
    private static ThinMachine Provisioned(int blocks, out double perSecond)
    {
        var machine = new ThinMachine((ulong)blocks + 1000);
        using var volume = machine.Volume(0, (ulong)blocks * 128);
        byte[] sector = new byte[512];
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < blocks; i++)
            ThinMachine.Must(ThinMachine.Done(volume.WriteAsync((ulong)i * ThinMachine.BlockBytes, sector)).Errno);
        perSecond = blocks / watch.Elapsed.TotalSeconds;
        Expect(machine.Status("pool").Split(' ')[2], $"{blocks}/{blocks + 1000}");
        return machine;
    }

    /// <summary>Blocks that get their place a second, by writes through the volume's device; none are copied or zeroed.</summary>
    public static double Provisioning(int blocks)
    {
        Provisioned(blocks, out double perSecond);
        return perSecond;
    }

    /// <summary>The same without devices: metadata only.</summary>
    public static double MetadataProvisioning(int blocks)
    {
        var mappings = new ThinMappings((ulong)blocks);
        var watch = Stopwatch.StartNew();
        mappings.Provision(blocks);
        return blocks / watch.Elapsed.TotalSeconds;
    }

    /// <summary>
    /// Bytes of memory per mapping, the whole machine included, and how many times as long a snapshot and a status take as with a
    /// thousand mappings.
    /// </summary>
    public static (double BytesPerMapping, double SnapshotRatio, double StatusRatio) Large(int count)
    {
        var few = Provisioned(1000, out _);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var many = Provisioned(count, out _);
        double bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        return (bytes / count, Ratio(few, many, Snapshot), Ratio(few, many, static (machine, _) => machine.Status("pool")));
    }

    private static void Snapshot(ThinMachine machine, int number) => machine.Message($"create_snap {number} 0");

    /// <summary>How the best times of a few calls compare.</summary>
    private static double Ratio(ThinMachine few, ThinMachine many, Action<ThinMachine, int> call)
    {
        const int Rounds = 40, Each = 10;
        double fewest = double.MaxValue, most = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            fewest = Math.Min(fewest, Time(few, round));
            most = Math.Min(most, Time(many, round));
        }
        return most / fewest;

        double Time(ThinMachine machine, int round)
        {
            var watch = Stopwatch.StartNew();
            for (int i = 1; i <= Each; i++)
                call(machine, round * Each + i);
            return watch.Elapsed.TotalSeconds;
        }
    }

    /// <summary>Sequential 64 KiB overwrites through a volume, as a part of the speed of a plain copy of as many bytes.</summary>
    public static double Overwrites(int megabytes)
    {
        const int Rounds = 25;
        int blocks = megabytes * 16;
        var machine = new ThinMachine((ulong)blocks);
        using var volume = machine.Volume(0, (ulong)blocks * 128);
        byte[] data = new byte[ThinMachine.BlockBytes];
        Pattern.Fill(data, 1);
        byte[][] plain = [.. Enumerable.Range(0, blocks).Select(_ => new byte[ThinMachine.BlockBytes])];
        double copy = double.MaxValue, through = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            for (int i = 0; i < blocks; i++)
                ThinMachine.Must(ThinMachine.Done(volume.WriteAsync((ulong)i * ThinMachine.BlockBytes, data)).Errno);
            through = Math.Min(through, watch.Elapsed.TotalSeconds);
            watch.Restart();
            foreach (byte[] block in plain)
                data.CopyTo(block, 0);
            copy = Math.Min(copy, watch.Elapsed.TotalSeconds);
        }
        return copy / through;
    }

    /// <summary>Writes to both ends of a volume of 16 TiB, in a pool of 4 TiB, and reads them back.</summary>
    public static void SixteenTebibytes()
    {
        const ulong Bytes = 16UL << 40;
        var machine = new ThinMachine((4UL << 40) / ThinMachine.BlockBytes);
        using var volume = machine.Volume(0, Bytes / 512);
        byte[] written = new byte[ThinMachine.BlockBytes], read = new byte[ThinMachine.BlockBytes];
        Pattern.Fill(written, 2);
        foreach (ulong offset in (ulong[])[0, Bytes / 2 - 4096, Bytes - ThinMachine.BlockBytes])
        {
            ThinMachine.Must(ThinMachine.Done(volume.WriteAsync(offset, written)).Errno);
            ThinMachine.Must(ThinMachine.Done(volume.ReadAsync(offset, read)).Errno);
            if (!read.AsSpan().SequenceEqual(written))
                throw new InvalidOperationException($"what was written at {offset} is not there");
        }
        Expect(machine.Status("thin0"), $"{4 * ThinMachine.BlockBytes / 512} {Bytes / 512 - 1}");
    }

    private static void Expect(string found, string expected)
    {
        if (found != expected)
            throw new InvalidOperationException($"{found} where {expected} was expected");
    }
}
