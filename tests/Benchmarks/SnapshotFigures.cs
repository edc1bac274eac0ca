using System.Diagnostics;
using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using DmSim.Model.Snapshots;

namespace DmSim.Benchmarks;

/// <summary>What classic snapshots cost the model: writes to an origin with many of them, and very many exceptions.</summary>
internal static class SnapshotFigures
{
    private const int Chunks = 512;
    private const int SectorsPerChunk = 8;

    /// <summary>Microseconds for a write of one chunk that is copied to each of so many snapshots first.</summary>
    public static double MicrosecondsPerWrite(int snapshots)
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
        Refused(machine.Open(device, OpenMode.ReadWrite, out var file));
        byte[] data = new byte[SectorsPerChunk * Sectors.BytesPerSector];
        var watch = Stopwatch.StartNew();
        for (int chunk = 0; chunk < Chunks; chunk++)
            Refused(Now(file!.WriteAsync((ulong)(chunk * data.Length), data)).Errno);
        double elapsed = watch.Elapsed.TotalMicroseconds;
        file!.Dispose();
        return elapsed / Chunks;
    }

    /// <summary>
    /// So many exceptions, none of which continues another, as close together as such can be: what takes the longest to look through.
    /// Bytes of memory for each, its share of the table included, and nanoseconds for finding one.
    /// </summary>
    public static (double BytesEach, double NanosecondsEach) Exceptions(int count)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var table = new ExceptionTable((ulong)count * SectorsPerChunk, chunkShift: 3);
        for (ulong i = 0; i < (ulong)count; i++)
            table.Insert(new SnapException(2 * i, 2 + i));
        double bytes = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        const int lookups = 1_000_000;
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < lookups; i++)
        {
            // All of them, far from one to the next.
            ulong chunk = (ulong)i * 7919 % (ulong)count * 2;
            if (table.Find(chunk)?.OldChunk != chunk)
                throw new InvalidOperationException($"the exception of chunk {chunk} was not found");
        }
        double nanoseconds = watch.Elapsed.TotalNanoseconds / lookups;
        GC.KeepAlive(table);
        return (bytes, nanoseconds);
    }

    private static void Attach(ModelMachine machine, int loop, ulong sectors) =>
        Refused(Now(machine.Loops.AttachAsync(loop, sectors * Sectors.BytesPerSector, readOnly: false)));

    private static DeviceNumber Create(DmControl control, string name, TableLine line)
    {
        Refused(Now(control.CreateAsync(name)).Errno);
        Refused(Now(control.LoadAsync(name, [line])).Errno);
        var reply = Now(control.ResumeAsync(name));
        Refused(reply.Errno);
        return reply.Header.Device;
    }

    private static T Now<T>(ValueTask<T> task) =>
        task.IsCompleted ? task.Result : throw new InvalidOperationException("the model waits");

    private static void Refused(Errno errno)
    {
        if (errno != Errno.None)
            throw new InvalidOperationException($"the model refused: {errno}");
    }
}
