using BenchmarkDotNet.Running;
using DmSim.Benchmarks;

// "figures" prints the rates that the project promises; anything else goes to BenchmarkDotNet: times and allocations of single parts.
if (args is ["figures", ..])
    return await Figures.PrintAsync();
BenchmarkSwitcher.FromAssembly(typeof(Figures).Assembly).Run(args);
return 0;
