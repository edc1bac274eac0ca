using System.Globalization;
using System.Text;
using DmSim.Abi;

namespace DmSim.Host;

/// <summary>
/// /dev/.dmsim/ask: what is written is a question, words with a NUL between them; what is read after it is the answer, a line with
/// its status and then its text. Everybody who opens the file has a conversation of his own.
/// </summary>
internal sealed class AskNode(Func<HostCaller, string[], HostAnswer> answer) : TreeNode
{
    public override uint FuseType => Kernel.Interop.Libc.S_IFREG;

    public HostAnswer Ask(HostCaller caller, string[] words) => answer(caller, words);
}

internal sealed class AskFile(AskNode node, uint thread) : OpenFile
{
    private byte[] _answer = [];

    /// <summary>Where the answer begins: file positions go on where the question ended, and programs may seek among them.</summary>
    private ulong _start;

    public override ValueTask<IoResult> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, int flags)
    {
        string[] words = Encoding.UTF8.GetString(data.Span).Split('\0');
        var answer = node.Ask(new HostCaller(thread, Processes.NameOf(thread)), words);
        _answer = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{answer.Status}\n{answer.Text}"));
        _start = offset + (ulong)data.Length;
        return new(IoResult.Ok(data.Length));
    }

    public override ValueTask<IoResult> ReadAsync(ulong offset, Memory<byte> data, int flags)
    {
        if (offset < _start || offset - _start >= (ulong)_answer.Length)
            return new(IoResult.Ok(0));
        int from = (int)(offset - _start);
        int count = Math.Min(data.Length, _answer.Length - from);
        _answer.AsSpan(from, count).CopyTo(data.Span);
        return new(IoResult.Ok(count));
    }
}
