using System.Text;
using DmSim.Abi;

namespace DmSim.Harness.Operations;

/// <summary>
/// The text form of operations: a verb, then fields, on one line. One table of rows drives printing, parsing and every other walk
/// over fields; a field is named in one place only.
/// </summary>
public static class OperationText
{
    private static readonly Row[] Rows =
    [
        new Row<Operation.Version>("version", new(), (w, o) => Common(w, o, new())),
        new Row<Operation.Create>("create", new(""), (w, o) => Common(w, o,
            new(w.Text("name", o.Name), w.OptionalText("uuid", o.Uuid), w.OptionalNumber("minor", o.Minor)))),
        new Row<Operation.LoadTable>("load", new(DeviceRef.None, []), (w, o) => Common(w, o,
            new(w.Device(o.Device), w.Lines("line", o.Lines), w.Switch("readonly", o.ReadOnly)))),
        new Row<Operation.Clear>("clear", new(DeviceRef.None), (w, o) => Common(w, o, new(w.Device(o.Device)))),
        new Row<Operation.Suspend>("suspend", new(DeviceRef.None), (w, o) => Common(w, o,
            new(w.Device(o.Device), w.Switch("noflush", o.NoFlush), w.Switch("nolockfs", o.NoLockfs)))),
        new Row<Operation.Resume>("resume", new(DeviceRef.None), (w, o) => Common(w, o,
            new(w.Device(o.Device), w.Switch("noflush", o.NoFlush), w.Switch("nolockfs", o.NoLockfs)))),
        new Row<Operation.Remove>("remove", new(DeviceRef.None), (w, o) => Common(w, o,
            new(w.Device(o.Device), w.Switch("deferred", o.Deferred)))),
        new Row<Operation.RemoveAll>("remove-all", new(), (w, o) => Common(w, o, new(w.Switch("deferred", o.Deferred)))),
        new Row<Operation.Rename>("rename", new(DeviceRef.None, ""), (w, o) => Common(w, o,
            new(w.Device(o.Device), w.Text("to", o.NewName)))),
        new Row<Operation.SetUuid>("set-uuid", new(DeviceRef.None, ""), (w, o) => Common(w, o,
            new(w.Device(o.Device), w.Text("to", o.NewUuid)))),
        new Row<Operation.Message>("message", new(DeviceRef.None, Sectors.Zero, ""), (w, o) => Common(w, o,
            new(w.Device(o.Device), new Sectors(w.Number("sector", o.Sector.Value)), w.Text("text", o.Text)))),
        new Row<Operation.Wait>("wait", new(DeviceRef.None, 0), (w, o) => Common(w, o,
            new(w.Device(o.Device), w.OptionalNumber("event", o.EventNr) ?? 0))),
        new Row<Operation.SetGeometry>("set-geometry", new(DeviceRef.None, ""), (w, o) => Common(w, o,
            new(w.Device(o.Device), w.Text("geometry", o.Geometry)))),
        new Row<Operation.ArmPoll>("arm-poll", new(), (w, o) => Common(w, o, new())),
        new Row<Operation.Info>("info", new(DeviceRef.None), (w, o) => Common(w, o,
            new(w.Device(o.Device), w.Switch("inactive", o.Inactive)))),
        new Row<Operation.Status>("status", new(DeviceRef.None), (w, o) => Common(w, o,
            new(w.Device(o.Device), w.Switch("inactive", o.Inactive), w.Switch("noflush", o.NoFlush)))),
        new Row<Operation.Table>("table", new(DeviceRef.None), (w, o) => Common(w, o,
            new(w.Device(o.Device), w.Switch("inactive", o.Inactive), w.Switch("noflush", o.NoFlush)))),
        new Row<Operation.Deps>("deps", new(DeviceRef.None), (w, o) => Common(w, o,
            new(w.Device(o.Device), w.Switch("inactive", o.Inactive)))),
        new Row<Operation.ListDevices>("ls", new(), (w, o) => Common(w, o, new())),
        new Row<Operation.ListVersions>("targets", new(), (w, o) => Common(w, o, new())),
        new Row<Operation.TargetVersion>("target-version", new(""), (w, o) => Common(w, o, new(w.Text("type", o.Type)))),
        new Row<Operation.RawIoctl>("ioctl", new(0, []), (w, o) =>
            new(w.Bits("request", o.Request), w.Buffer("bytes", o.Buffer))),

        new Row<Operation.Open>("open", new(0, DeviceRef.None, OpenMode.Read), (w, o) =>
            new(w.Handle("handle", o.Handle), w.Device(o.Device), w.Mode("mode", o.Mode))),
        new Row<Operation.Close>("close", new(0), (w, o) => new(w.Handle("handle", o.Handle))),
        new Row<Operation.Read>("read", new(NoTarget, default, default), (w, o) =>
            new(w.Target(o.Target), w.Size("off", o.Offset), w.Size("len", o.Length))),
        new Row<Operation.Write>("write", new(NoTarget, default, default, 0), (w, o) =>
            new(w.Target(o.Target), w.Size("off", o.Offset), w.Size("len", o.Length), w.Number("seed", o.Seed))),
        new Row<Operation.Discard>("discard", new(NoTarget, default, default), (w, o) =>
            new(w.Target(o.Target), w.Size("off", o.Offset), w.Size("len", o.Length))),
        new Row<Operation.SecureErase>("secure-erase", new(NoTarget, default, default), (w, o) =>
            new(w.Target(o.Target), w.Size("off", o.Offset), w.Size("len", o.Length))),
        new Row<Operation.ZeroOut>("zero-out", new(NoTarget, default, default), (w, o) =>
            new(w.Target(o.Target), w.Size("off", o.Offset), w.Size("len", o.Length))),
        new Row<Operation.Flush>("flush", new(NoTarget), (w, o) => new(w.Target(o.Target))),
        new Row<Operation.LoopAttach>("loop-attach", new(0, default), (w, o) =>
            new(w.Handle("index", o.Index), w.Size("size", o.Size), w.Switch("readonly", o.ReadOnly),
                w.OptionalNumber("block", o.BlockSize))),
        new Row<Operation.LoopDetach>("loop-detach", new(0), (w, o) => new(w.Handle("index", o.Index))),
        new Row<Operation.LoopResize>("loop-resize", new(0, default), (w, o) =>
            new(w.Handle("index", o.Index), w.Size("size", o.Size))),
        new Row<Operation.Attribute>("attribute", new(DeviceRef.None, ""), (w, o) =>
            new(w.Device(o.Device), w.Text("path", o.Path), w.OptionalText("text", o.Text))),
        new Row<Operation.Advance>("advance", new(TimeSpan.Zero), (w, o) => new(w.Milliseconds("ms", o.Duration))),
    ];

    private static IoTarget NoTarget => IoTarget.On(DeviceRef.None);

    private static T Common<T>(FieldWalk walk, T old, T op) where T : Operation.Control => op with
    {
        Cookie = walk.Bits("cookie", old.Cookie),
        Extra = (DmFlags)walk.Bits("flags", (uint)old.Extra),
    };

    private static readonly Dictionary<Type, Row> ByType = Rows.ToDictionary(row => row.Type);
    private static readonly Dictionary<string, Row> ByVerb = Rows.ToDictionary(row => row.Verb, StringComparer.Ordinal);

    /// <summary>All verbs, in the order of the table.</summary>
    public static IReadOnlyList<string> Verbs { get; } = [.. Rows.Select(row => row.Verb)];

    public static string VerbOf(Operation operation) => ByType[operation.GetType()].Verb;

    /// <summary>Shows each field of the operation to the walk and builds an operation from what the walk answers.</summary>
    public static Operation Walk(Operation operation, FieldWalk walk) => ByType[operation.GetType()].Walk(walk, operation);

    public static string Print(Operation operation)
    {
        var row = ByType[operation.GetType()];
        var printer = new Printer(row.Verb);
        row.Walk(printer, operation);
        return printer.ToString();
    }

    /// <summary>Parses one line; on failure says why. Never throws, whatever the text.</summary>
    public static bool TryParse(string line, out Operation? operation, out string error)
    {
        operation = null;
        var words = Quoting.Split(line, out string? broken);
        error = broken ?? "";
        if (words is null)
            return false;
        if (words.Count == 0 || words[0].Value is not null || !ByVerb.TryGetValue(words[0].Key, out var row))
        {
            error = words.Count == 0 ? "no operation on the line" : $"unknown operation \"{words[0].Key}\"";
            return false;
        }
        try
        {
            var parser = new Parser(words);
            var parsed = row.Walk(parser, row.Prototype);
            parser.RefuseLeftovers();
            operation = parsed;
            return true;
        }
        catch (FieldTextException e)
        {
            error = $"{row.Verb}: {e.Message}";
            return false;
        }
    }

    private abstract class Row(string verb, Type type)
    {
        public string Verb { get; } = verb;
        public Type Type { get; } = type;
        public abstract Operation Prototype { get; }
        public abstract Operation Walk(FieldWalk walk, Operation operation);
    }

    private sealed class Row<T>(string verb, T prototype, Func<FieldWalk, T, T> walk) : Row(verb, typeof(T)) where T : Operation
    {
        public override Operation Prototype => prototype;
        public override Operation Walk(FieldWalk fields, Operation operation) => walk(fields, (T)operation);
    }

    private sealed class Printer(string verb) : FieldWalk
    {
        private readonly StringBuilder _text = new(verb);

        protected override string? Value(string key, string? value, bool required)
        {
            if (value is not null)
                _text.Append(' ').Append(key).Append('=').Append(Quoting.Quote(value));
            return value;
        }

        protected override IReadOnlyList<string> Values(string key, IReadOnlyList<string> values)
        {
            foreach (string value in values)
                Value(key, value, required: true);
            return values;
        }

        public override bool Switch(string key, bool value)
        {
            if (value)
                _text.Append(' ').Append(key);
            return value;
        }

        public override string ToString() => _text.ToString();
    }

    private sealed class Parser(List<(string Key, string? Value)> words) : FieldWalk
    {
        private readonly bool[] _used = [true, .. new bool[words.Count - 1]];

        protected override string? Value(string key, string? value, bool required)
        {
            int found = Take(key, hasValue: true, from: 0);
            if (found < 0 && required)
                throw new FieldTextException($"{key}=… is missing");
            return found < 0 ? null : words[found].Value;
        }

        protected override IReadOnlyList<string> Values(string key, IReadOnlyList<string> values)
        {
            var found = new List<string>();
            for (int i = Take(key, hasValue: true, from: 0); i >= 0; i = Take(key, hasValue: true, from: i))
                found.Add(words[i].Value!);
            return found;
        }

        public override bool Switch(string key, bool value) => Take(key, hasValue: false, from: 0) >= 0;

        private int Take(string key, bool hasValue, int from)
        {
            for (int i = from; i < words.Count; i++)
            {
                if (_used[i] || words[i].Key != key || words[i].Value is not null != hasValue)
                    continue;
                _used[i] = true;
                return i;
            }
            return -1;
        }

        public void RefuseLeftovers()
        {
            int left = Array.IndexOf(_used, false);
            if (left >= 0)
                throw new FieldTextException($"unknown or repeated field \"{words[left].Key}\"");
        }
    }
}
