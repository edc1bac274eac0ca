using BenchmarkDotNet.Attributes;
using DmSim.Abi;
using DmSim.Harness.Traces;

namespace DmSim.Benchmarks;

/// <summary>A round of simple operations against the least that it could cost.</summary>
[MemoryDiagnoser]
public sealed class OperationBenchmarks : IAsyncDisposable
{
    private readonly SimpleOperations _operations = new();

    [GlobalCleanup]
    public ValueTask DisposeAsync() => _operations.DisposeAsync();

    [Benchmark(Baseline = true)]
    public void CopyTheBytesOnly() => _operations.CopyOnly();

    [Benchmark]
    public void SixteenSimpleOperations() => _operations.Round();
}

/// <summary>Requests made and replies read, against a copy of as many bytes.</summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    private static readonly TableLine[] Lines =
        [.. Enumerable.Range(0, 32).Select(i => new TableLine(new Sectors((ulong)i * 8), new Sectors(8), "linear", $"7:0 {i}"))];

    private readonly byte[] _payload = DmTargetSpec.EncodeStatus(Lines);
    private readonly byte[] _copy = new byte[DmTargetSpec.EncodedLength(Lines)];

    [Benchmark(Baseline = true)]
    public void CopyTheBytesOnly() => _payload.CopyTo(_copy, 0);

    [Benchmark]
    public int EncodeThirtyTwoLines() => DmTargetSpec.EncodeLoad(Lines).Length;

    [Benchmark]
    public bool DecodeThirtyTwoLines() => DmTargetSpec.TryDecodeStatus(_payload, (uint)Lines.Length, out _, out _);
}

/// <summary>A recorded case checked, and the text of a trace read.</summary>
[MemoryDiagnoser]
public class TraceBenchmarks
{
    private readonly Trace _trace;
    private readonly string _text;
    private int _next;

    public TraceBenchmarks()
    {
        _trace = RecordedTraces.Record(64);
        _text = TraceText.Print(_trace);
    }

    [Benchmark]
    public bool CheckACase() => RecordedTraces.Checker.Check(_trace, _trace.Cases[_next++ % _trace.Cases.Count]).Agrees;

    [Benchmark]
    public bool ReadSixtyFourCases() => TraceText.TryParse(_text, out _, out _);
}
