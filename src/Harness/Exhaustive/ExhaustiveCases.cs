using System.Globalization;
using System.Text;
using DmSim.Abi;
using DmSim.Harness.Running;

namespace DmSim.Harness.Exhaustive;

/// <summary>
/// Cases that take every (state, operation) edge of one mapped device, for each target type: what "conform --exhaustive" runs. They
/// are the same in every run, and are planned on the model alone.
/// </summary>
public sealed class ExhaustiveCases : ICaseSource
{
    /// <summary>Long cases cost fewer resets, short ones are easier to read when they fail.</summary>
    public const int UsualLength = 100;

    private readonly (string Name, Operations.OperationSequence Sequence)[] _cases;

    private ExhaustiveCases(IReadOnlyList<TransitionCover> covers)
    {
        Covers = covers;
        _cases = [.. covers.SelectMany(cover => cover.Cases.Select((sequence, i) =>
            (string.Create(CultureInfo.InvariantCulture, $"exhaustive {cover.Type} case {i}"), sequence)))];
    }

    /// <summary>One per target type.</summary>
    public IReadOnlyList<TransitionCover> Covers { get; }

    public int States => Covers.Sum(cover => cover.States);
    public int Edges => Covers.Sum(cover => cover.Edges);
    public int Covered => Covers.Sum(cover => cover.Covered);

    public int Count => _cases.Length;
    public IOperationSource Open(int index) => new FixedSource(_cases[index].Sequence);
    public string NameOf(int index) => _cases[index].Name;

    /// <summary>Plans the cases, several target types at a time.</summary>
    /// <param name="types">Target types to cover; null for all.</param>
    public static async Task<ExhaustiveCases> PlanAsync(
        Func<IMachine> freshModel, IReadOnlyCollection<string>? types = null, int length = UsualLength, CancellationToken cancel = default)
    {
        var tables = TargetTables.All.Where(table => types?.Contains(table.Type) != false);
        var walks = tables.Select(table =>
            Task.Run(async () => await new TransitionWalk(freshModel, table, length).CoverAsync(cancel), cancel));
        return new ExhaustiveCases(await Task.WhenAll(walks));
    }

    /// <summary>States, edges and cases, one line per target type and one for all.</summary>
    public string Summary()
    {
        var text = new StringBuilder("target    states   edges  covered  cases  operations\n");
        foreach (var cover in Covers)
            Row(text, cover.Type, cover.States, cover.Edges, cover.Covered, cover.Cases.Count, cover.Operations);
        return Row(text, "all", States, Edges, Covered, Count, Covers.Sum(cover => cover.Operations)).ToString();
    }

    private static StringBuilder Row(StringBuilder text, string name, int states, int edges, int covered, int cases, int operations) =>
        text.Append(CultureInfo.InvariantCulture, $"{name,-8}{states,8}{edges,8}{covered,9}{cases,7}{operations,12}\n");
}
