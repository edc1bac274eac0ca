using DmSim.Agent;
using DmSim.Kernel.Interop;

// Init of the guest: it may never return, or the kernel panics. What goes wrong is said on the link if there is one, else on the console.
try
{
    Guest.MountFileSystems();
    Guest.LoadModules();
    Guest.WaitForRandomNumbers();
    using var link = HostLink.Open();
    Guest.PrepareForQuiet();
    new BatchServer(link).Run();
}
catch (Exception e)
{
    Console.Error.WriteLine($"dmsim-agent: {e}");
}
Libc.Reboot(Libc.RB_POWER_OFF);
return 1;
