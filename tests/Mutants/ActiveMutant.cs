using System.Reflection;
using DmSim.Model.Machine;

namespace DmSim.Mutants;

/// <summary>
/// At every place that has a mutant, the mutated model asks Stryker's MutantControl which one is active, and that reads it from a mapped
/// file. The file only changes between two runs of tests: read once at the beginning of a run, the cases take less than half as long.
/// </summary>
internal static class ActiveMutant
{
    private const BindingFlags Statics = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Does nothing to a model that is not mutated, nor while Stryker finds out which mutants a case reaches.</summary>
    public static void ReadOnce()
    {
        string? file = Environment.GetEnvironmentVariable("STRYKER_MUTANT_FILE");
        var control = typeof(ModelMachine).Assembly.GetTypes().SingleOrDefault(type => type.Name == "MutantControl");
        if (control is null || string.IsNullOrEmpty(file) || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("STRYKER_COVERAGE_FILE")))
            return;
        using var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new BinaryReader(content);
        Set("ActiveMutant", reader.ReadInt32());
        // The file's name is known, and is none: what is in ActiveMutant holds.
        Set("_cachedMutantFilePath", "");
        Set("_mutantFilePathCached", true);

        void Set(string name, object value) =>
            (control.GetField(name, Statics) ?? throw new InvalidOperationException($"Stryker's MutantControl has no field {name}")).SetValue(null, value);
    }
}
