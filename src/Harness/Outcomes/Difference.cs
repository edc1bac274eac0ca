namespace DmSim.Harness.Outcomes;

/// <summary>A value on which two machines do not agree; null where one of them shows none.</summary>
public sealed record Difference(Subject Subject, Field Field, string? Model, string? Kernel)
{
    public override string ToString() => $"{Subject} {Field.NameOf()}: model {Show(Model)}, kernel {Show(Kernel)}";

    private static string Show(string? value) => value is null ? "(none)" : Operations.Quoting.Quote(value);
}

/// <summary>
/// What kind of divergence it is: the operation's verb, and what differed first. While a case is shrunk this must stay the
/// same, else shrinking slides over to another bug.
/// </summary>
public sealed record Signature(string Verb, SubjectKind Subject, Field Field)
{
    public override string ToString() => $"{Verb}/{Subject.ToString().ToLowerInvariant()}/{Field.NameOf()}";
}
