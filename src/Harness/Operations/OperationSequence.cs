using System.Text;
using DmSim.Abi;

namespace DmSim.Harness.Operations;

/// <summary>A loop device that exists before the first operation.</summary>
/// <param name="Contents">What is on it; null for zeros.</param>
public sealed record LoopSetup(int Index, Bytes Size, bool ReadOnly = false, LoopContents? Contents = null, uint? BlockSize = null)
{
    /// <summary>The operation that attaches it.</summary>
    public Operation.LoopAttach Attach => new(Index, Size, ReadOnly, BlockSize);
}

/// <summary>A whole case: the loop devices it starts with, and what is then done. Plain data, with a text form for files.</summary>
public sealed record OperationSequence(ValueList<LoopSetup> Loops, ValueList<Operation> Operations)
{
    private const string SetUpVerb = "setup";

    /// <summary>Belongs to the loop device of the line before.</summary>
    private const string ContentsVerb = "contents";

    /// <summary>Three loop devices of 256 KiB: enough to tell places apart, small enough to read whole after each step.</summary>
    public static ValueList<LoopSetup> UsualLoops { get; } =
        [new(0, new Sectors(512).ToBytes()), new(1, new Sectors(512).ToBytes()), new(2, new Sectors(512).ToBytes())];

    public OperationSequence With(IEnumerable<Operation> operations) => this with { Operations = ValueList.From(operations) };

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var loop in Loops)
            text.Append(PrintSetUp(loop)).Append('\n');
        foreach (var operation in Operations)
            text.Append(operation).Append('\n');
        return text.ToString();
    }

    public static string PrintSetUp(LoopSetup loop) =>
        SetUpVerb + " " + OperationText.Print(loop.Attach)
        + (loop.Contents is { Text.Length: > 0 } contents ? $"\n{SetUpVerb} {ContentsVerb} {contents.Text}" : "");

    /// <summary>
    /// Reads what <see cref="ToString"/> writes; blank lines and comments (#) are skipped. On failure the error names the line.
    /// Never throws, whatever the text.
    /// </summary>
    public static bool TryParse(string text, out OperationSequence? sequence, out string error)
    {
        sequence = null;
        error = "";
        var loops = new List<LoopSetup>();
        var operations = new List<Operation>();
        int number = 0;
        foreach (string raw in text.Split('\n'))
        {
            number++;
            string line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (!TryParseLine(line, loops, operations, out error))
            {
                error = $"line {number}: {error}";
                return false;
            }
        }
        sequence = new OperationSequence(ValueList.From(loops), ValueList.From(operations));
        return true;
    }

    private static bool TryParseLine(string line, List<LoopSetup> loops, List<Operation> operations, out string error)
    {
        bool isSetUp = line.StartsWith(SetUpVerb + " ", StringComparison.Ordinal);
        if (line.StartsWith($"{SetUpVerb} {ContentsVerb} ", StringComparison.Ordinal))
        {
            var contents = new LoopContents(line[(SetUpVerb.Length + ContentsVerb.Length + 2)..].Trim());
            bool good = loops.Count > 0 && operations.Count == 0 && contents.TryUnpack() is not null;
            error = good ? "" : "contents are a gzip in base 64 and follow the loop-attach line that they are for";
            if (good)
                loops[^1] = loops[^1] with { Contents = contents };
            return good;
        }
        if (!OperationText.TryParse(isSetUp ? line[SetUpVerb.Length..] : line, out var operation, out error))
            return false;
        if (!isSetUp)
        {
            operations.Add(operation!);
            return true;
        }
        if (operation is not Operation.LoopAttach attach || operations.Count > 0)
        {
            error = "only loop-attach lines before the first operation can be set-up";
            return false;
        }
        loops.Add(new LoopSetup(attach.Index, attach.Size, attach.ReadOnly, null, attach.BlockSize));
        return true;
    }
}
