using System.Globalization;

namespace DmSim.Mutants;

/// <summary>
/// The mutants that a process tries, in a file: one a line, and whether it is in an initializer, which runs once in a process.
/// </summary>
internal static class MutantList
{
    public static void Write(string path, IEnumerable<(int Number, bool InInitializer)> mutants) =>
        File.WriteAllLines(path, mutants.Select(mutant => FormattableString.Invariant($"{mutant.Number} {mutant.InInitializer}")));

    public static IEnumerable<(int Number, bool InInitializer)> Read(string path) => File.ReadLines(path).Select(line => line.Split(' '))
        .Select(words => (int.Parse(words[0], CultureInfo.InvariantCulture), bool.Parse(words[1])));
}
