using DmSim.Mutants;
using Microsoft.Testing.Platform.Builder;

// Stryker starts this very program as the tests; scripts/mutants has it print what came of them.
if (args is ["report", ..])
    return MutationReport.Print(args[1..]);
var builder = await TestApplication.CreateBuilderAsync(args);
builder.AddSelfRegisteredExtensions(args);
using var tests = await builder.BuildAsync();
return await tests.RunAsync();
