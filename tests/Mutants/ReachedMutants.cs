using System.Globalization;

namespace DmSim.Mutants;

/// <summary>What "reach" has written.</summary>
internal sealed class ReachedMutants
{
    private readonly Dictionary<int, List<int>> _cases = [];

    public required TimeSpan[] Times { get; init; }

    /// <summary>The cases that reach a mutant.</summary>
    public IReadOnlyList<int> Cases(int mutant) => _cases.TryGetValue(mutant, out var cases) ? cases : [];

    public static ReachedMutants Read(string path)
    {
        long[][] lines = [.. File.ReadLines(path).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => long.Parse(word, CultureInfo.InvariantCulture)).ToArray())];
        var reached = new ReachedMutants { Times = [.. lines.Select(line => TimeSpan.FromTicks(line[0]))] };
        for (int index = 0; index < lines.Length; index++)
        {
            foreach (long mutant in lines[index].Skip(1))
            {
                if (!reached._cases.TryGetValue((int)mutant, out var cases))
                    reached._cases.Add((int)mutant, cases = []);
                cases.Add(index);
            }
        }
        return reached;
    }
}
