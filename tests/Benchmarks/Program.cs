using BenchmarkDotNet.Running;
using DmSim.Benchmarks;

// "figures" prints the rates that the project promises; anything else goes to BenchmarkDotNet: times and allocations of single parts.
if (args is ["figures", ..])
    return await Figures.PrintAsync();
if (args is ["thin1", ..])
{
    for (int i = 0; i < 6; i++)
        Console.WriteLine($"provisioning {ThinScale.Provisioning(500_000):N0}/s");
    return 0;
}
if (args is ["thin2", ..])
{
    Console.WriteLine($"overwrites {ThinScale.Overwrites(64):P0}");
    return 0;
}
if (args is ["thin", ..])
{
    for (int i = 0; i < 3; i++)
        Console.WriteLine($"metadata provisioning {ThinScale.MetadataProvisioning(1_000_000):N0}/s");
    for (int i = 0; i < 3; i++)
        Console.WriteLine($"provisioning {ThinScale.Provisioning(300_000):N0}/s");
    Console.WriteLine($"overwrites {ThinScale.Overwrites(64):P0}");
    Console.WriteLine($"mappings {ThinScale.Mappings(args.Length > 1 ? int.Parse(args[1]) : 2_000_000)}");
    return 0;
}
BenchmarkSwitcher.FromAssembly(typeof(Figures).Assembly).Run(args);
return 0;
