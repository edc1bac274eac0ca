using System.Text;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Outcomes;

/// <summary>One observed value. Lists (tables, log lines, uevents) have one item per line of the value.</summary>
public readonly record struct Observed(Subject Subject, Field Field, string Value)
{
    /// <summary>The canonical order: by kind of subject, its name, then field.</summary>
    public static int ByPlace(Observed a, Observed b)
    {
        if (a.Subject.Kind != b.Subject.Kind)
            return (int)a.Subject.Kind - (int)b.Subject.Kind;
        int names = ReferenceEquals(a.Subject.Name, b.Subject.Name) ? 0 : string.CompareOrdinal(a.Subject.Name, b.Subject.Name);
        return names != 0 ? names : (int)a.Field - (int)b.Field;
    }
}

/// <summary>
/// All that could be seen of a machine after a step: the reply to the operation, completions of earlier ones, and the whole state.
/// Values are in canonical order, each (subject, field) at most once; a value that is at rest (errno 0, empty log) is left out.
/// </summary>
public sealed class StepOutcome(IReadOnlyList<Observed> values) : IEquatable<StepOutcome>
{
    public static StepOutcome Empty { get; } = new([]);

    /// <summary>An array, because it is gone through for every step of every trace.</summary>
    private readonly Observed[] _values = values as Observed[] ?? [.. values];

    public IReadOnlyList<Observed> Values => _values;

    public string? Find(Subject subject, Field field)
    {
        foreach (ref readonly var value in _values.AsSpan())
        {
            if (value.Field == field && value.Subject == subject)
                return value.Value;
        }
        return null;
    }

    /// <summary>The value of a field of the operation itself.</summary>
    public string? OfOperation(Field field) => Find(Subject.Operation, field);

    public bool Equals(StepOutcome? other)
    {
        if (other is null || other._values.Length != _values.Length)
            return false;
        for (int i = 0; i < _values.Length; i++)
        {
            if (_values[i] != other._values[i])
                return false;
        }
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as StepOutcome);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var value in Values)
            hash.Add(value);
        return hash.ToHashCode();
    }

    /// <summary>One line per subject: "dev:d0 flags=exists events=0 …".</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (int i = 0; i < Values.Count; i++)
        {
            if (i == 0 || Values[i].Subject != Values[i - 1].Subject)
                text.Append(i == 0 ? "" : "\n").Append(Quoting.Quote(Values[i].Subject.ToString()));
            text.Append(' ').Append(Values[i].Field.NameOf()).Append('=').Append(Quoting.Quote(Values[i].Value));
        }
        return text.ToString();
    }
}
