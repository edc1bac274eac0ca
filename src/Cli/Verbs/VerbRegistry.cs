namespace DmSim.Cli.Verbs;

/// <summary>All verbs, in the order in which help lists them.</summary>
public static class VerbRegistry
{
    public static IReadOnlyList<IVerb> All { get; } =
    [
        new KernelsVerb(),
        new ConformVerb(),
        new MatrixVerb(),
        new MergeVerb(),
        new ReplayVerb(),
        new RecordVerb(),
        new CheckVerb(),
        new VmVerb(),
        new ShVerb(),
        new RunVerb(),
        new TimeVerb(),
        new DiffVerb(),
        new FuzzVerb(),
        new ExplainVerb(),
        new ShowVerb(),
        new LearnVerb(),
        new CrossVerb(),
    ];
}
