using System.Reflection;
using DmSim.Model.Machine;

namespace DmSim.Mutants;

/// <summary>Which mutant of the model is active, and which ones are asked for; see <see cref="QuickSwitch"/>.</summary>
internal static class MutantSwitch
{
    // More than there are: the model has 15,000.
    private const int Most = 1 << 16;

    private static readonly Type? Quick = typeof(ModelMachine).Assembly.GetType(QuickSwitch.Name);

    /// <summary>Whether Stryker has put mutants into the model.</summary>
    public static bool IsMutated => typeof(ModelMachine).Assembly.GetTypes().Any(type => type.Name == "MutantControl");

    public static void TurnOn(int mutant) => Field(QuickSwitch.Active).SetValue(null, mutant);

    public static void TurnOff() => TurnOn(-1);

    public static void NoteReached(bool on) => Field(QuickSwitch.Reached).SetValue(null, on ? new bool[Most] : null);

    /// <summary>The mutants that were asked for since the last call; those of initializers are asked for once in a process.</summary>
    public static int[] TakeReached()
    {
        bool[] reached = (bool[])Field(QuickSwitch.Reached).GetValue(null)!;
        NoteReached(true);
        return [.. Enumerable.Range(0, Most).Where(mutant => reached[mutant])];
    }

    private static FieldInfo Field(string name) =>
        Quick?.GetField(name)
            ?? throw new InvalidOperationException($"there is no {QuickSwitch.Name}.{name} in the model: scripts/mutants puts it there");
}
