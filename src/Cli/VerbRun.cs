using DmSim.Harness.Campaigns;
using DmSim.Harness.Running;
using DmSim.Harness.Traces;
using DmSim.Kernel.Vm;

namespace DmSim.Cli;

/// <summary>How a verb runs that boots or fetches something: signals cancel it, and what it lacks is said in one sentence.</summary>
internal static class VerbRun
{
    private static ExitCode? Refusal(Exception e) => e switch
    {
        SetupException or KernelUnavailableException or IOException or UnauthorizedAccessException => ExitCode.SetupFailed,
        BadInputException or BadTraceException or BadResultException => ExitCode.BadInput,
        _ => null,
    };

    /// <returns>The verb's own status, <see cref="ExitCode.SetupFailed"/> or <see cref="ExitCode.Interrupted"/>.</returns>
    public static async Task<int> RunAsync(Func<CancellationToken, Task<int>> verb, CancellationToken cancel)
    {
        using var interrupt = new InterruptSignals(cancel);
        try
        {
            return await verb(interrupt.Token);
        }
        catch (Exception e) when (Refusal(e) is { } code)
        {
            await Console.Error.WriteLineAsync($"dmsim: {e.Message}");
            return (int)code;
        }
        catch (OperationCanceledException) when (interrupt.Token.IsCancellationRequested)
        {
            return (int)ExitCode.Interrupted;
        }
    }
}
