using System.Globalization;
using System.Text;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Traces;

/// <summary>
/// Traces as text: a header, then the cases. A case is its name, its set-up lines, and "&gt;" lines with an operation each; indented
/// lines under them say what was seen, as <see cref="OutcomeDelta"/> prints it. The last line counts the cases, so that a file
/// that was cut off is not taken for whole.
/// </summary>
public static class TraceText
{
    private const string Magic = "dmsim-trace";
    public const int FormatVersion = 1;

    private const string Indent = "  ";
    private const string EndStep = "> end";
    private const string OperationMark = "> ";

    public static string Print(Trace trace)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Magic} {FormatVersion}\n");
        text.Append("kernel ").Append(Quoting.Quote(trace.Kernel)).Append('\n');
        text.Append("profile ").Append(Quoting.Quote(trace.Profile)).Append('\n');
        text.Append("look ").Append(trace.Look == LookPolicy.Always ? "always" : "when-touched").Append('\n');
        foreach (var recorded in trace.Cases)
            Print(text, recorded);
        text.Append(CultureInfo.InvariantCulture, $"end {trace.Cases.Count}\n");
        return text.ToString();
    }

    private static void Print(StringBuilder text, RecordedCase recorded)
    {
        if (recorded.Outcomes.Count != recorded.Sequence.Operations.Count + 2)
            throw new ArgumentException($"\"{recorded.Name}\" has {recorded.Outcomes.Count} outcomes for {recorded.Sequence.Operations.Count} operations");
        text.Append("\ncase ").Append(Quoting.Quote(recorded.Name)).Append('\n');
        foreach (var loop in recorded.Sequence.Loops)
            text.Append(OperationSequence.PrintSetUp(loop)).Append('\n');
        OutcomeDelta.Print(text, Indent, StepOutcome.Empty, recorded.Outcomes[0]);
        for (int i = 1; i < recorded.Outcomes.Count; i++)
        {
            bool isEnd = i == recorded.Outcomes.Count - 1;
            text.Append(isEnd ? EndStep : OperationMark + recorded.Sequence.Operations[i - 1]).Append('\n');
            OutcomeDelta.Print(text, Indent, recorded.Outcomes[i - 1], recorded.Outcomes[i]);
        }
    }

    /// <summary>Reads what <see cref="Print(Trace)"/> writes. On failure the error names the line. Never throws, whatever the text.</summary>
    public static bool TryParse(string text, out Trace? trace, out string error)
    {
        trace = null;
        var reader = new LineReader(text);
        if (!TryParseHeader(reader, out string kernel, out string profile, out var look, out error))
            return false;
        var cases = new List<RecordedCase>();
        while (reader.Line is { } line && line.StartsWith("case ", StringComparison.Ordinal))
        {
            if (!TryParseCase(reader, out var recorded, out error))
            {
                error = $"line {reader.Number}: {error}";
                return false;
            }
            cases.Add(recorded!);
        }
        if (reader.Line is null || !reader.Line.StartsWith("end", StringComparison.Ordinal))
            error = reader.Line is null ? "it ends in the middle: cut off" : $"line {reader.Number}: neither a case nor the end";
        else if (reader.Line != string.Create(CultureInfo.InvariantCulture, $"end {cases.Count}"))
            error = $"line {reader.Number}: {cases.Count} cases were read, and it says \"{reader.Line}\"";
        trace = error.Length == 0 ? new Trace(kernel, profile, look, cases) : null;
        return error.Length == 0;
    }

    private static bool TryParseHeader(
        LineReader reader, out string kernel, out string profile, out LookPolicy look, out string error)
    {
        kernel = profile = "";
        look = LookPolicy.Always;
        error = "";
        if (reader.Line is null || !reader.Line.StartsWith(Magic + " ", StringComparison.Ordinal))
            error = "it is no dmsim trace";
        else if (reader.Line != string.Create(CultureInfo.InvariantCulture, $"{Magic} {FormatVersion}"))
            error = $"\"{reader.Line}\": this dmsim reads version {FormatVersion} only";
        if (error.Length > 0)
            return false;
        reader.Next();
        if (!reader.TryTakeHeader("kernel", out kernel) || !reader.TryTakeHeader("profile", out profile)
            || !reader.TryTakeHeader("look", out string policy))
            error = $"line {reader.Number}: kernel, profile and look were expected";
        else if (policy is not ("always" or "when-touched"))
            error = $"line {reader.Number}: looking \"{policy}\" is unknown";
        else
            look = policy == "always" ? LookPolicy.Always : LookPolicy.WhenTouched;
        return error.Length == 0;
    }

    private static bool TryParseCase(LineReader reader, out RecordedCase? recorded, out string error)
    {
        recorded = null;
        int at = "case ".Length;
        string? name = Quoting.ReadValue(reader.Line!, ref at, out string? broken);
        error = broken ?? "";
        reader.Next();
        var lines = new StringBuilder();
        while (error.Length == 0 && reader.Line is { } line && line.StartsWith("setup ", StringComparison.Ordinal))
        {
            lines.Append(line).Append('\n');
            reader.Next();
        }
        ValueList<LoopSetup> loops = [];
        if (error.Length == 0 && OperationSequence.TryParse(lines.ToString(), out var setUp, out error))
            loops = setUp!.Loops;
        var delta = new OutcomeDelta.Reader();
        var outcomes = new List<StepOutcome>();
        var operations = new List<Operation>();
        bool ended = false;
        while (error.Length == 0 && TryTakeOutcome(reader, delta, outcomes, out error) && !ended
            && reader.Line is { } mark && mark.StartsWith(OperationMark, StringComparison.Ordinal))
        {
            ended = mark == EndStep;
            if (ended || TryTakeOperation(mark, operations, out error))
                reader.Next();
        }
        if (error.Length == 0 && !ended)
            error = "the case has no end";
        if (error.Length == 0)
            recorded = new RecordedCase(name!, new OperationSequence(loops, ValueList.From(operations)), outcomes);
        return error.Length == 0;
    }

    private static bool TryTakeOperation(string line, List<Operation> operations, out string error)
    {
        if (!OperationText.TryParse(line[OperationMark.Length..], out var operation, out error))
            return false;
        operations.Add(operation!);
        return true;
    }

    private static bool TryTakeOutcome(LineReader reader, OutcomeDelta.Reader delta, List<StepOutcome> outcomes, out string error)
    {
        error = "";
        for (; reader.Line is { } line && line.StartsWith(Indent, StringComparison.Ordinal); reader.Next())
        {
            if (!delta.TryTake(line[Indent.Length..], out error))
                return false;
        }
        outcomes.Add(delta.EndStep());
        return true;
    }

    /// <summary>Goes over the lines of a text, without blank ones and comments.</summary>
    private sealed class LineReader
    {
        private readonly string _text;
        private int _at;

        public LineReader(string text)
        {
            _text = text;
            Next();
        }

        /// <summary>Null at the end.</summary>
        public string? Line { get; private set; }

        public int Number { get; private set; }

        public void Next()
        {
            do
            {
                if (_at >= _text.Length)
                {
                    Line = null;
                    return;
                }
                int end = _text.IndexOf('\n', _at);
                end = end < 0 ? _text.Length : end;
                Line = _text[_at..end];
                _at = end + 1;
                Number++;
            }
            while (Line.Length == 0 || Line[0] == '#');
        }

        public bool TryTakeHeader(string key, out string value)
        {
            value = "";
            int at = key.Length + 1;
            if (Line is null || !Line.StartsWith(key + " ", StringComparison.Ordinal))
                return false;
            string? read = Quoting.ReadValue(Line, ref at, out _);
            value = read ?? "";
            Next();
            return read is not null;
        }
    }
}
