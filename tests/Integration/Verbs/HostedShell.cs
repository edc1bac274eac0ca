using System.Diagnostics;
using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>Scripts in dmsim sh. Tests are skipped, with the reason, where the host does not let programs live on a simulated machine.</summary>
internal static class HostedShell
{
    private static readonly Lazy<string?> Missing = new(FindMissing);

    private static string? FindMissing()
    {
        using var start = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "dmsim.dll"), "run", "--", "true"])
        {
            RedirectStandardError = true,
        })!;
        string errors = start.StandardError.ReadToEnd();
        start.WaitForExit();
        return start.ExitCode == 0 ? null : errors;
    }

    public static void Require()
    {
        if (Missing.Value is { } why)
            Assert.Ignore(why);
    }

    /// <summary>
    /// What a terminal shows of an interactive shell into which these lines are typed, in a folder of its own; without the echo of what
    /// is typed, colours and carriage returns.
    /// </summary>
    public static string Interactive(params string[] lines)
    {
        Require();
        using var folder = new ScratchFolder();
        var start = new ProcessStartInfo("script", ["-qfec", $"dotnet {Path.Combine(AppContext.BaseDirectory, "dmsim.dll")} sh", "-E", "never", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder.Path,
            Environment = { ["TERM"] = "dumb", ["HOME"] = folder.Path, ["INPUTRC"] = "/dev/null" },
        };
        using var terminal = Process.Start(start)!;
        foreach (string line in lines.Append("exit"))
            terminal.StandardInput.WriteLine(line);
        var output = terminal.StandardOutput.ReadToEndAsync();
        Assert.That(terminal.WaitForExit(TimeSpan.FromMinutes(2)), Is.True, "the shell does not end");
        terminal.StandardInput.Close();
        return output.Result.Replace("\r", "", StringComparison.Ordinal);
    }

    /// <summary>What a script prints, errors among it, and its status. It starts in a folder of its own.</summary>
    public static (int Status, string Output) Run(string script, params string[] options)
    {
        Require();
        using var folder = new ScratchFolder();
        string file = folder.Write("script.sh", $"cd {folder.Path}\nexec 2>&1\n{script.ReplaceLineEndings("\n")}");
        var (status, output, errors) = Dmsim.Run(null, ["sh", .. options, file]);
        return (status, output + errors);
    }
}
