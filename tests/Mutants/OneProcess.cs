using System.Diagnostics;

namespace DmSim.Mutants;

/// <summary>This program, started again.</summary>
internal static class OneProcess
{
    public const int Same = 10, Differs = 11, Endless = 12;

    public static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardError = true };
        // A list that grows for ever ends here, and not where the memory of the machine ends.
        start.Environment["DOTNET_GCHeapHardLimit"] = "80000000";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        var process = Process.Start(start)!;
        // The stack of an endless recursion has ten thousand lines.
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>A mutant in a process of its own; see <see cref="Trial.One"/>.</summary>
    public static MutantEnd Try(string[] arguments)
    {
        using var process = Start(["one", .. arguments]);
        process.WaitForExit();
        return new MutantEnd(process.ExitCode switch
        {
            Same => "Survived",
            Endless => "Timeout",
            _ => "Killed",
        });
    }
}
