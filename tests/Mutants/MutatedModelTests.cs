using DmSim.Model.Machine;
using NUnit.Framework;

namespace DmSim.Mutants;

/// <summary>
/// The only test that Stryker sees: it keeps the mutated model in the folder $DMSIM_MUTATED, and reaches one mutant (a test that
/// reaches none is held to reach all). So Stryker changes and compiles, and its report names the mutants; <see cref="Campaign"/> tries them.
/// </summary>
internal sealed class MutatedModelTests
{
    [Test]
    public void The_mutated_model_is_kept()
    {
        Assert.That(Jiffies.At(TimeSpan.Zero), Is.Zero);
        string? folder = Environment.GetEnvironmentVariable("DMSIM_MUTATED");
        if (string.IsNullOrEmpty(folder) || !MutantSwitch.IsMutated)
            return;
        string model = typeof(ModelMachine).Assembly.Location;
        File.Copy(model, Path.Combine(folder, Path.GetFileName(model)), overwrite: true);
    }
}
