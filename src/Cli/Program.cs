using DmSim.Cli;

return await CommandLine.RunAsync(args);
