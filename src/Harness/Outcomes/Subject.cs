using System.Globalization;

namespace DmSim.Harness.Outcomes;

public enum SubjectKind
{
    /// <summary>The operation of the step itself.</summary>
    Operation,
    /// <summary>An operation of an earlier step that completed in this one.</summary>
    Completion,
    /// <summary>A mapped device, by name.</summary>
    Device,
    /// <summary>A loop device, by index.</summary>
    Loop,
    /// <summary>What belongs to no device: listing, log, uevents, poll.</summary>
    Machine,
}

/// <summary>What an observed value is about. Text forms: "op", "done:3", "dev:d0", "loop:1", "machine".</summary>
public readonly record struct Subject(SubjectKind Kind, string Name)
{
    public static readonly Subject Operation = new(SubjectKind.Operation, "");
    public static readonly Subject Machine = new(SubjectKind.Machine, "");

    public static Subject Completion(int step) => new(SubjectKind.Completion, step.ToString(CultureInfo.InvariantCulture));
    public static Subject Device(string name) => new(SubjectKind.Device, name);
    public static Subject Loop(int index) => new(SubjectKind.Loop, index.ToString(CultureInfo.InvariantCulture));

    private static readonly string[] Prefixes = ["op", "done:", "dev:", "loop:", "machine"];

    public override string ToString() => Prefixes[(int)Kind] + Name;

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(string text, out Subject subject)
    {
        for (int kind = 0; kind < Prefixes.Length; kind++)
        {
            bool takesName = Prefixes[kind].EndsWith(':');
            if (takesName ? !text.StartsWith(Prefixes[kind], StringComparison.Ordinal) : text != Prefixes[kind])
                continue;
            subject = new Subject((SubjectKind)kind, text[Prefixes[kind].Length..]);
            return true;
        }
        subject = default;
        return false;
    }
}
