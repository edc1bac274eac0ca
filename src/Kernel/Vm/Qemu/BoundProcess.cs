using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace DmSim.Kernel.Vm;

/// <summary>
/// Starts programs that must not outlive this process, however it ends: they get SIGKILL when we die, even by kill -9, and a
/// Ctrl-C typed at our terminal reaches only us.
/// </summary>
/// <remarks>
/// PR_SET_PDEATHSIG is tied to the thread that forked, not to the process (prctl(2)). A pool thread may retire and would take
/// its child with it, so all starts go through one thread that lives as long as the process does. setpriv(1) makes the prctl,
/// setsid(1) leaves the terminal's process group; both exec without forking, so the process id stays that of the program.
/// </remarks>
internal static class BoundProcess
{
    private static readonly BlockingCollection<Action> Starts = [];
    private static readonly Lazy<string[]> Launcher = new(() =>
        [HostPrograms.Need("setpriv", "util-linux"), "--pdeathsig", "KILL", HostPrograms.Need("setsid", "util-linux")]);

    static BoundProcess()
    {
        var thread = new Thread(() =>
        {
            foreach (var start in Starts.GetConsumingEnumerable())
                start();
        })
        { IsBackground = true, Name = "dmsim process launcher" };
        thread.Start();
    }

    /// <summary>Starts a program with all three streams redirected. The file of <paramref name="start"/> must be a path.</summary>
    public static Task<Process> StartAsync(string program, IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null, string? workingDirectory = null)
    {
        string[] launcher = Launcher.Value;
        var info = new ProcessStartInfo(launcher[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (string word in launcher.Skip(1).Append(program).Concat(arguments))
            info.ArgumentList.Add(word);
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            info.Environment[key] = value;
        var done = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                done.SetResult(Process.Start(info)!);
            }
            catch (Exception e) when (e is Win32Exception or InvalidOperationException)
            {
                done.SetException(new SetupException($"{program} could not be started ({e.Message.TrimEnd('.')}): check that it is installed and executable.", e));
            }
        });
        return done.Task;
    }

    /// <summary>Runs a program to its end and gathers what it said.</summary>
    public static async Task<ProcessOutput> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancel,
        IReadOnlyDictionary<string, string>? environment = null, string? workingDirectory = null)
    {
        using var process = await StartAsync(program, arguments, environment, workingDirectory);
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancel);
            var errors = process.StandardError.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            return new ProcessOutput(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
    }
}

internal sealed record ProcessOutput(int Status, string Output, string Errors);
