using DmSim.Harness.Generators;
using DmSim.Harness.Lowering;
using DmSim.Harness.Operations;
using DmSim.Model.Machine;
using DmSim.Model.Profiles;
using NUnit.Framework;

namespace DmSim.Property.Harness;

/// <summary>
/// "create, load, resume, load, clear, rename, load" and another load crash a 6.1 kernel (BUG in retrieve_status, or in __slab_free):
/// generators must see it coming.
/// </summary>
internal sealed class DanglingMetadataTests
{
    private const string Table = "line=\"0 8 zero\"";
    private const string Cleared = $"create name=d0\nload name=d0 {Table}\nresume name=d0\nload name=d0 {Table}\nclear name=d0\n";

    [TestCase(Cleared, "rename name=d0 to=d1", ExpectedResult = "rename-after-clear")]
    [TestCase(Cleared, "set-uuid name=d0 to=U0", ExpectedResult = "rename-after-clear")]
    [TestCase(Cleared, "resume name=d0", ExpectedResult = null)]
    [TestCase($"{Cleared}suspend name=d0\nresume name=d0\n", "rename name=d0 to=d1", ExpectedResult = "rename-after-clear")]
    [TestCase($"{Cleared}load name=d0 {Table}\n", "rename name=d0 to=d1", ExpectedResult = null)]
    [TestCase($"{Cleared}remove name=d0\ncreate name=d0\n", "rename name=d0 to=d1", ExpectedResult = null)]
    [TestCase($"create name=d0\nload name=d0 {Table}\nclear name=d0\n", "rename name=d0 to=d1", ExpectedResult = null)]
    [TestCase($"create name=d0\nload name=d0 {Table}\nrename name=d0 to=d2\nclear name=d2\n", "rename name=d2 to=d1", ExpectedResult = "rename-after-clear")]
    [TestCase($"create name=d0\nrename name=d0 to=d2\nload name=d2 {Table}\nload name=d2 {Table}\n", "rename name=d2 to=d1", ExpectedResult = null)]
    [TestCase($"create name=d0\nload name=d0 {Table}\nresume name=d0\n", "rename name=d0 to=d1", ExpectedResult = null)]
    [TestCase($"create name=d0\nrename name=d0 to=d1\nload name=d1 {Table}\nclear name=d1\n", "rename name=d1 to=d0", ExpectedResult = "rename-after-clear")]
    public async Task<string?> A_rename_that_frees_twice_is_avoided(string operations, string next)
    {
        await using var machine = new ModelMachine(KernelProfile.Linux61);
        var stepper = new CaseStepper(machine);
        var dangling = new DanglingMetadata();
        await stepper.SetUpAsync([]);
        foreach (var operation in Parse(operations))
        {
            var context = (await stepper.StepAsync(operation)).Context;
            dangling.Follow(context.Before, operation, context.After);
        }
        return Avoided.All.Single(thing => thing.Name == "rename-after-clear")
            .Is(Parse(next).Single(), new Scene(stepper.World, null!, 1, null!, dangling)) ? "rename-after-clear" : null;
    }

    private static IEnumerable<Operation> Parse(string text)
    {
        Assert.That(OperationSequence.TryParse(text, out var sequence, out string error), Is.True, error);
        return sequence!.Operations;
    }
}
