using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using DmSim.Abi;
using DmSim.Cli.Hosted;
using DmSim.Host;
using DmSim.Kernel.Interop;
using DmSim.Model.Machine;

namespace DmSim.Cli;

/// <summary>A program for a simulated machine.</summary>
internal sealed record HostedProgram(IReadOnlyList<string> Command, bool VirtualTime)
{
    public required ModelMachine Machine { get; init; }

    /// <summary>More files in /dev/.dmsim, by name: see <see cref="HostOptions"/>.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, Func<string>> LiveFiles { get; init; } = new Dictionary<string, Func<string>>();

    /// <summary>Done to the machine before the first program starts.</summary>
    public Action<ModelMachine>? Before { get; init; }

    /// <summary>Done once the last has ended.</summary>
    public Action<ModelMachine>? After { get; init; }
}

/// <summary>Programs on a simulated machine. They need a user namespace, which a process must take before it has threads.</summary>
internal static class HostedRun
{
    /// <summary>Set for the process that unshare(1) has started in a user namespace of its own.</summary>
    private const string InsideVariable = "DMSIM_INSIDE";

    private const string FolderVariable = "DMSIM_INSIDE_FOLDER";

    private static bool IsInside(string how) => Environment.GetEnvironmentVariable(InsideVariable) == how;

    /// <summary>Runs a program on a machine that is there already, and answers its exit status.</summary>
    /// <param name="supervisor">Which, by its process; null when there is only one.</param>
    public static int Attach(IReadOnlyList<string> command, int? supervisor)
    {
        if (IsInside("joined"))
        {
            Environment.CurrentDirectory = Environment.GetEnvironmentVariable(FolderVariable) is { } folder && Directory.Exists(folder) ? folder : "/";
            return Refusable(() => HostAttachment.Run(command, words => InsideMachine.Ask(words)));
        }
        var machine = Choose(RunningMachine.All($"{InsideVariable}=1"), supervisor);
        string nsenter = Find("nsenter") ?? throw new Kernel.Vm.SetupException("The program nsenter is missing: install the package util-linux.");
        string first = machine.First.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(nsenter, ["--target", first, "--user", "--preserve-credentials", "--mount", "--pid", "--", .. Self(), .. Environment.GetCommandLineArgs().Skip(1)])
        {
            Environment = { [InsideVariable] = "joined", [FolderVariable] = Environment.CurrentDirectory, ["DOTNET_EnableDiagnostics"] = "0" },
        };
        // What the terminal sends to everybody is for the program on the machine.
        using var interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var quits = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, context => context.Cancel = true);
        using var process = Process.Start(start)!;
        process.WaitForExit();
        const int killed = 137;
        // The machine's first process dies last, after all others on it.
        if (process.ExitCode == killed && SpinWait.SpinUntil(() => !Directory.Exists($"/proc/{machine.First}"), TimeSpan.FromSeconds(1)))
            Console.Error.WriteLine("dmsim: The shell that was joined has ended, and its machine with it.");
        return process.ExitCode;
    }

    private static RunningMachine Choose(IReadOnlyList<RunningMachine> machines, int? supervisor)
    {
        if (supervisor is { } wanted)
            return machines.FirstOrDefault(machine => machine.Supervisor == wanted && machine.First > 0)
                ?? throw new BadInputException($"No shell of yours runs as process {wanted}{(machines.Count == 0 ? "" : ": these do\n" + List(machines))}");
        return machines.Count switch
        {
            0 => throw new BadInputException("No shell of yours is running: start one with 'dmsim sh'."),
            1 => machines[0],
            _ => throw new BadInputException($"{machines.Count} shells of yours are running: choose one with --machine PID\n{List(machines)}"),
        };
    }

    private static string List(IReadOnlyList<RunningMachine> machines) =>
        string.Join('\n', machines.Select(machine => $"  {machine.Supervisor,7}  since {machine.Since:HH:mm:ss}  dmsim {machine.Command}"));

    public static int Run(HostedProgram program)
    {
        if (InsideMachine.IsHere)
            throw new BadInputException("This is a simulated machine already, and a second one inside it is not to be had: leave this shell first.");
        if (!IsInside("1"))
            return EnterNamespace();
        string tag = program.Machine.KernelTag;
        program.Before?.Invoke(program.Machine);
        var session = new Session(program.Machine);
        bool ran = false;
        var options = new HostOptions
        {
            Machine = program.Machine,
            Command = program.Command,
            VirtualTime = program.VirtualTime,
            Release = $"{tag}.0-dmsim",
            Files = ShellFiles.All(tag, Self()).Concat(program.Files).ToDictionary(),
            LiveFiles = program.LiveFiles,
            Observer = session,
            Answer = session.Answer,
        };
        int status = Refusable(() =>
        {
            int ended = HostSession.Run(options);
            ran = true;
            return ended;
        });
        if (ran)
            program.After?.Invoke(program.Machine);
        return status;
    }

    private static int Refusable(Func<int> run)
    {
        try
        {
            return run();
        }
        catch (HostRefusedException refusal)
        {
            Console.Error.WriteLine($"dmsim: {refusal.Message}");
            return (int)ExitCode.SetupFailed;
        }
    }

    /// <summary>Becomes unshare(1), which becomes dmsim again.</summary>
    private static int EnterNamespace()
    {
        string unshare = Find("unshare") ?? throw new Kernel.Vm.SetupException("The program unshare is missing: install the package util-linux.");
        if (Probe(unshare) is { } refusal)
        {
            Console.Error.WriteLine($"dmsim: User namespaces cannot be had here ({refusal}): an administrator can allow them with "
                + "'sysctl user.max_user_namespaces=10000' (on Debian before 11 also kernel.unprivileged_userns_clone=1; in a container they may "
                + "be forbidden). 'dmsim vm SCRIPT' runs a script on the real kernel instead.");
            return (int)ExitCode.SetupFailed;
        }
        string[] words = [unshare, "--user", "--map-root-user", "--", .. Self(), .. Environment.GetCommandLineArgs().Skip(1)];
        var variables = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Select(variable => $"{variable.Key}={variable.Value}").Append($"{InsideVariable}=1")
            // Else the runtime makes a socket for debuggers in the temp folder, which stays when it is killed.
            .Append("DOTNET_EnableDiagnostics=0");
        // What the runtime has made for debuggers would be left behind: this program does not end, it becomes another.
        foreach (string kind in (string[])["dotnet-diagnostic", "clr-debug-pipe"])
            foreach (string file in Directory.GetFiles(Path.GetTempPath(), $"{kind}-{Environment.ProcessId}-*"))
                File.Delete(file);
        var errno = Execute(words, [.. variables]);
        throw new Kernel.Vm.SetupException($"{unshare} cannot be started ({errno}).");
    }

    private static string? Probe(string unshare)
    {
        var start = new ProcessStartInfo(unshare, ["--user", "--map-root-user", "true"]) { RedirectStandardError = true };
        using var probe = Process.Start(start)!;
        string words = probe.StandardError.ReadToEnd().Trim();
        probe.WaitForExit();
        return probe.ExitCode == 0 ? null : words;
    }

    internal static string[] Self()
    {
        string program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, Path.Combine(AppContext.BaseDirectory, "dmsim.dll")] : [program];
    }

    private static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/bin")
        .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static unsafe Errno Execute(string[] words, string[] variables)
    {
        byte*[] arguments = new byte*[words.Length + 1];
        byte*[] environment = new byte*[variables.Length + 1];
        for (int i = 0; i < words.Length; i++)
            arguments[i] = Native(words[i]);
        for (int i = 0; i < variables.Length; i++)
            environment[i] = Native(variables[i]);
        fixed (byte** a = arguments, e = environment)
            return Libc.Execute(a[0], a, e);
    }

    private static unsafe byte* Native(string text) => (byte*)System.Runtime.InteropServices.Marshal.StringToCoTaskMemUTF8(text);
}
