using DmSim.Mutants;
using Microsoft.Testing.Platform.Builder;

// Stryker starts this very program as the tests; scripts/mutants has it try the mutants and print what came of them.
switch (args)
{
    case ["report", ..]:
        return MutationReport.Print(args[1..]);
    case ["quicken", ..]:
        return QuickSwitch.Install(args[1..]);
    case ["try", ..]:
        return Campaign.Run(args[1..]);
    case ["reach", ..]:
        return Trial.Reach(args[1..]);
    case ["work", ..]:
        return Trial.Work(args[1..]);
    case ["one", ..]:
        return Trial.One(args[1..]);
}
var builder = await TestApplication.CreateBuilderAsync(args);
builder.AddSelfRegisteredExtensions(args);
using var tests = await builder.BuildAsync();
return await tests.RunAsync();
