using BenchmarkDotNet.Running;
using DmSim.Benchmarks;

// "figures" prints the rates that the project promises, "kernel" those that a VM takes; anything else goes to BenchmarkDotNet: times and allocations of single parts.
if (args is ["figures", ..])
    return await Figures.PrintAsync(args.ElementAtOrDefault(1));
if (args is ["kernel", .. var words])
    return await KernelFigures.PrintAsync(words);
BenchmarkSwitcher.FromAssembly(typeof(Figures).Assembly).Run(args);
return 0;
