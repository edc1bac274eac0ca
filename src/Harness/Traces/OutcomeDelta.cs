using System.Text;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Traces;

/// <summary>
/// Outcomes of successive steps as text: of state (devices, loop devices, the listing) only what has changed since the step before, of
/// events (replies, log lines, uevents) all. One line per subject: "dev:d0 events=1 -inactive"; "dev:d0 gone" when it is no more.
/// </summary>
internal static class OutcomeDelta
{
    private const string Gone = "gone";

    private static bool IsState(Observed value) =>
        value.Subject.Kind is SubjectKind.Device or SubjectKind.Loop || value.Field == Field.Listing;

    /// <summary>The lines that lead from one outcome to the next, each ended by a newline and led in by <paramref name="indent"/>.</summary>
    public static void Print(StringBuilder text, string indent, StepOutcome before, StepOutcome after)
    {
        var left = before.Values.Where(IsState).ToDictionary(v => (v.Subject, v.Field), v => v.Value);
        var present = after.Values.Select(v => v.Subject).ToHashSet();
        var lines = new SortedDictionary<Subject, StringBuilder>(Comparer<Subject>.Create(Order));
        foreach (var value in after.Values)
        {
            bool unchanged = left.Remove((value.Subject, value.Field), out string? old) && old == value.Value;
            if (!unchanged || !IsState(value))
                Line(value.Subject).Append(' ').Append(value.Field.NameOf()).Append('=').Append(Quoting.Quote(value.Value));
        }
        foreach (var (subject, field) in left.Keys.OrderBy(key => key.Field))
        {
            if (present.Contains(subject) || subject == Subject.Machine)
                Line(subject).Append(" -").Append(field.NameOf());
            else if (!lines.ContainsKey(subject))
                Line(subject).Append(' ').Append(Gone);
        }
        foreach (var line in lines.Values)
            text.Append(line).Append('\n');

        StringBuilder Line(Subject subject)
        {
            if (!lines.TryGetValue(subject, out var line))
                lines.Add(subject, line = new StringBuilder(indent).Append(Quoting.Quote(subject.ToString())));
            return line;
        }
    }

    private static int Order(Subject a, Subject b) =>
        a.Kind != b.Kind ? a.Kind.CompareTo(b.Kind) : string.CompareOrdinal(a.Name, b.Name);

    /// <summary>Puts outcomes together again, step by step.</summary>
    public sealed class Reader
    {
        private readonly Dictionary<(Subject, Field), string> _state = [];
        private readonly List<Observed> _events = [];

        /// <summary>Takes one line of the step; on failure says why.</summary>
        public bool TryTake(string line, out string error)
        {
            error = "";
            int at = 0;
            string? name = line.StartsWith('"') ? Quoting.ReadValue(line, ref at, out _) : Bare(line, ref at);
            if (name is null || !Subject.TryParse(name, out var subject))
            {
                error = "it begins with no subject (op, done:N, dev:NAME, loop:N, machine)";
                return false;
            }
            var words = Quoting.Split(line[at..], out string? broken);
            if (words is null)
            {
                error = broken!;
                return false;
            }
            foreach (var (key, value) in words)
            {
                if (!TryTake(subject, key, value))
                {
                    error = $"\"{key}\" is no field";
                    return false;
                }
            }
            return true;
        }

        private static string Bare(string line, ref int at)
        {
            int end = line.IndexOf(' ', StringComparison.Ordinal);
            at = end < 0 ? line.Length : end;
            return line[..at];
        }

        private bool TryTake(Subject subject, string key, string? value)
        {
            if (value is null && key == Gone)
            {
                foreach (var place in _state.Keys.Where(place => place.Item1 == subject).ToArray())
                    _state.Remove(place);
                return true;
            }
            bool removes = value is null && key.StartsWith('-');
            if (!Fields.TryParse(removes ? key[1..] : key, out var field) || (value is null && !removes))
                return false;
            if (removes)
                return _state.Remove((subject, field));
            var observed = new Observed(subject, field, value!);
            if (IsState(observed))
                _state[(subject, field)] = value!;
            else
                _events.Add(observed);
            return true;
        }

        /// <summary>The outcome of the step whose lines were taken.</summary>
        public StepOutcome EndStep()
        {
            var values = new Observed[_state.Count + _events.Count];
            int at = 0;
            foreach (var ((subject, field), value) in _state)
                values[at++] = new Observed(subject, field, value);
            foreach (var value in _events)
                values[at++] = value;
            Array.Sort(values, Observed.ByPlace);
            _events.Clear();
            return new StepOutcome(values);
        }
    }
}
