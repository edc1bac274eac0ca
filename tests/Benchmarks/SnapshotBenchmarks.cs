using BenchmarkDotNet.Attributes;

namespace DmSim.Benchmarks;

/// <summary>
/// The time of one chunk copied to one snapshot, by how many snapshots the origin has: the ratio stays at 1 or below as long as a write
/// costs no more than in proportion to their number.
/// </summary>
public class SnapshotCopyBenchmarks
{
    // One at most, for each iteration: a chunk is copied only the first time that it is written.
    private readonly Stack<OriginWithSnapshots> _origin = [];

    [IterationSetup(Target = nameof(CopyToOneSnapshot))]
    public void One() => _origin.Push(new OriginWithSnapshots(1));

    [IterationSetup(Target = nameof(CopyToEachOfFour))]
    public void Four() => _origin.Push(new OriginWithSnapshots(4));

    [IterationSetup(Target = nameof(CopyToEachOfThirtyTwo))]
    public void ThirtyTwo() => _origin.Push(new OriginWithSnapshots(32));

    [IterationCleanup]
    public void Close() => _origin.Pop().Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = OriginWithSnapshots.Chunks)]
    public void CopyToOneSnapshot() => _origin.Peek().WriteEveryChunk();

    [Benchmark(OperationsPerInvoke = 4 * OriginWithSnapshots.Chunks)]
    public void CopyToEachOfFour() => _origin.Peek().WriteEveryChunk();

    [Benchmark(OperationsPerInvoke = 32 * OriginWithSnapshots.Chunks)]
    public void CopyToEachOfThirtyTwo() => _origin.Peek().WriteEveryChunk();
}

/// <summary>Looking up an exception among few and among very many.</summary>
public class ExceptionLookupBenchmarks
{
    private readonly ManyExceptions _few = new(10_000);
    private readonly ManyExceptions _many = new(1_000_000);

    [Benchmark(Baseline = true)]
    public void AmongTenThousand() => _few.FindNext();

    [Benchmark]
    public void AmongAMillion() => _many.FindNext();
}
