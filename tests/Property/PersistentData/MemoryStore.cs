using DmSim.Abi;
using DmSim.Model.PersistentData;

namespace DmSim.Property.PersistentData;

/// <summary>A metadata device in memory, which can be told to fail.</summary>
internal sealed class MemoryStore : IMetadataStore
{
    private byte[] _bytes;

    public MemoryStore(int blocks) => _bytes = new byte[blocks * BlockManager.BlockSize];

    public MemoryStore(byte[] image) => _bytes = [.. image];

    public ulong BlockCount => (ulong)_bytes.Length / BlockManager.BlockSize;

    public bool ReadOnly { get; set; }

    /// <summary>Blocks that cannot be read.</summary>
    public Func<ulong, bool> FailsRead { get; set; } = _ => false;

    /// <summary>Blocks that cannot be written.</summary>
    public Func<ulong, bool> FailsWrite { get; set; } = _ => false;

    public bool FailsFlush { get; set; }

    public List<string> Calls { get; } = [];

    public bool RecordCalls { get; set; }

    public byte[] Image => [.. _bytes];

    public Span<byte> Block(int block) => _bytes.AsSpan(block * BlockManager.BlockSize, BlockManager.BlockSize);

    public void Resize(int blocks) => Array.Resize(ref _bytes, blocks * BlockManager.BlockSize);

    public Errno Read(ulong block, Span<byte> data)
    {
        if (block >= BlockCount || FailsRead(block))
            return Errno.EIO;
        Block((int)block).CopyTo(data);
        return Errno.None;
    }

    public Errno Write(ulong block, ReadOnlySpan<byte> data)
    {
        if (RecordCalls)
            Calls.Add($"write {block}");
        if (block >= BlockCount || FailsWrite(block))
            return Errno.EIO;
        data.CopyTo(Block((int)block));
        return Errno.None;
    }

    public Errno Flush()
    {
        if (RecordCalls)
            Calls.Add("flush");
        return FailsFlush ? Errno.EIO : Errno.None;
    }
}

/// <summary>Collects what is said, without rate limits.</summary>
internal sealed class RecordingLog : IMetadataLog
{
    public List<string> Lines { get; } = [];

    public void Err(string module, string text) => Lines.Add($"{module}: {text}");

    public void ErrLimited(string function, int line, string module, string text) => Lines.Add($"{module}: {text}");

    public void Warn(string module, string text) => Lines.Add($"{module}: {text}");

    public void KernelBug(string function) => Lines.Add($"kernel bug in {function}");

    public IReadOnlyList<string> TakeNew()
    {
        string[] lines = [.. Lines];
        Lines.Clear();
        return lines;
    }
}
