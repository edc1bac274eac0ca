using DmSim.Abi;

namespace DmSim.Host;

/// <summary>
/// The thread that writes to the files behind loop devices what nobody waits for, in the order in which it was asked: the programs and
/// the machine go on meanwhile, on their processor.
/// </summary>
internal sealed class FileWriter
{
    // No more than the queues of loop devices have tags.
    private readonly Queue<Job> _jobs = new();
    private bool _works;

    /// <summary>One for all files of the process; null where all is to happen at once, as on virtual time.</summary>
    public static FileWriter? Running { get; private set; }

    private readonly record struct Job(HostFile File, ulong Offset, IReadOnlyList<ReadOnlyMemory<byte>> Pieces, Action<Errno> Written);

    public static void Start()
    {
        var writer = new FileWriter();
        Running = writer;
        new Thread(writer.Work) { IsBackground = true, Name = "writer" }.Start();
    }

    public void Add(HostFile file, ulong offset, IReadOnlyList<ReadOnlyMemory<byte>> pieces, Action<Errno> written)
    {
        lock (_jobs)
        {
            _jobs.Enqueue(new Job(file, offset, pieces, written));
            if (!_works)
                Monitor.PulseAll(_jobs);
        }
    }

    /// <summary>Until nothing is left to do.</summary>
    public void Settle()
    {
        lock (_jobs)
            while (_works || _jobs.Count > 0)
                Monitor.Wait(_jobs);
    }

    private void Work()
    {
        try
        {
            while (true)
            {
                var job = Next();
                job.Written(Write(job));
            }
        }
        catch (Exception e)
        {
            Mishap.End(e);
        }
    }

    private Job Next()
    {
        lock (_jobs)
        {
            if (_jobs.Count == 0)
            {
                _works = false;
                Monitor.PulseAll(_jobs);
            }
            while (_jobs.Count == 0)
                Monitor.Wait(_jobs);
            _works = true;
            return _jobs.Dequeue();
        }
    }

    private static Errno Write(Job job)
    {
        ulong offset = job.Offset;
        foreach (var piece in job.Pieces)
        {
            var errno = job.File.WriteNow(offset, piece.Span);
            if (errno != Errno.None)
                return errno;
            offset += (ulong)piece.Length;
        }
        return Errno.None;
    }
}
