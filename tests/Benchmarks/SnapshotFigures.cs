using System.Diagnostics;
using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using DmSim.Model.Snapshots;

namespace DmSim.Benchmarks;

/// <summary>What classic snapshots cost the model: writes to an origin with many of them, and very many exceptions.</summary>
internal static class SnapshotFigures
{
    /// <summary>Microseconds for a write of one chunk that is copied to each of so many snapshots first.</summary>
    public static double MicrosecondsPerWrite(int snapshots)
    {
        using var origin = new OriginWithSnapshots(snapshots);
        var watch = Stopwatch.StartNew();
        origin.WriteEveryChunk();
        return watch.Elapsed.TotalMicroseconds / OriginWithSnapshots.Chunks;
    }

    /// <summary>Memory for each of so many exceptions, its share of the table included.</summary>
    public static double BytesPerException(int count)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var exceptions = new ManyExceptions(count);
        double bytes = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        GC.KeepAlive(exceptions);
        return bytes;
    }

    public static double NanosecondsPerLookup(int count)
    {
        const int lookups = 1_000_000;
        var exceptions = new ManyExceptions(count);
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < lookups; i++)
            exceptions.FindNext();
        return watch.Elapsed.TotalNanoseconds / lookups;
    }
}

/// <summary>A snapshot-origin that has not been written to yet, and snapshots of it that are all active.</summary>
internal sealed class OriginWithSnapshots : IDisposable
{
    public const int Chunks = 512;
    private const int SectorsPerChunk = 8;

    private readonly byte[] _data = new byte[SectorsPerChunk * Sectors.BytesPerSector];
    private readonly IOpenDevice _origin;

    public OriginWithSnapshots(int snapshots)
    {
        var machine = new ModelMachine(KernelProfile.Linux61);
        var control = new DmControl(machine);
        const ulong originSectors = Chunks * SectorsPerChunk;
        Attach(machine, 0, originSectors);
        for (int i = 1; i <= snapshots; i++)
        {
            Attach(machine, i, 2 * originSectors);
            Create(control, $"snap{i}", new TableLine(Sectors.Zero, new Sectors(originSectors), "snapshot", $"7:0 7:{i} P {SectorsPerChunk}"));
        }
        var device = Create(control, "origin", new TableLine(Sectors.Zero, new Sectors(originSectors), "snapshot-origin", "7:0"));
        MustNotRefuse(machine.Open(device, OpenMode.ReadWrite, out var file));
        _origin = file!;
    }

    /// <summary>Every chunk, once: each is copied to each snapshot when this is called for the first time.</summary>
    public void WriteEveryChunk()
    {
        for (int chunk = 0; chunk < Chunks; chunk++)
            MustNotRefuse(Now(_origin.WriteAsync((ulong)(chunk * _data.Length), _data)).Errno);
    }

    public void Dispose() => _origin.Dispose();

    private static void Attach(ModelMachine machine, int loop, ulong sectors) =>
        MustNotRefuse(Now(machine.Loops.AttachAsync(loop, sectors * Sectors.BytesPerSector, readOnly: false)));

    private static DeviceNumber Create(DmControl control, string name, TableLine line)
    {
        MustNotRefuse(Now(control.CreateAsync(name)).Errno);
        MustNotRefuse(Now(control.LoadAsync(name, [line])).Errno);
        var reply = Now(control.ResumeAsync(name));
        MustNotRefuse(reply.Errno);
        return reply.Header.Device;
    }

    private static T Now<T>(ValueTask<T> task) =>
        task.IsCompleted ? task.Result : throw new InvalidOperationException("the model waits");

    private static void MustNotRefuse(Errno errno)
    {
        if (errno != Errno.None)
            throw new InvalidOperationException($"the model refused: {errno}");
    }
}

/// <summary>
/// So many exceptions, none of which continues another, as close together as such can be: what takes the longest to look through.
/// </summary>
internal sealed class ManyExceptions
{
    private const int SectorsPerChunk = 8;
    private const int ChunkShift = 3;

    // Far from one to the next, and all of them in turn: a prime.
    private const ulong Stride = 7919;

    private readonly ExceptionTable _table;
    private readonly ulong _count;
    private ulong _next;

    public ManyExceptions(int count)
    {
        _count = (ulong)count;
        _table = new ExceptionTable(_count * SectorsPerChunk, ChunkShift);
        for (ulong i = 0; i < _count; i++)
            _table.Insert(new SnapException(2 * i, 2 + i));
    }

    public void FindNext()
    {
        ulong chunk = _next * 2;
        _next = (_next + Stride) % _count;
        if (_table.Find(chunk)?.OldChunk != chunk)
            throw new InvalidOperationException($"the exception of chunk {chunk} was not found");
    }
}
