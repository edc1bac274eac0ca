using System.Diagnostics;

namespace DmSim.Property.Abi;

/// <summary>Compiles and runs small C programs: the judge of our numbers.</summary>
internal static class CCompiler
{
    /// <summary>Why there is no judge on this machine, or null when there is one.</summary>
    public static string? Missing { get; } = FindMissing();

    private static string? FindMissing()
    {
        try
        {
            RunProgram("#include <stdio.h>\n#include <linux/dm-ioctl.h>\nint main(void) { return 0; }\n");
            return null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "no C compiler (cc) here";
        }
        catch (InvalidOperationException failure)
        {
            return "the C compiler here cannot build a program that includes linux/dm-ioctl.h: " + failure.Message;
        }
    }

    /// <summary>Compiles the program, runs it, and answers what it printed.</summary>
    public static string RunProgram(string source)
    {
        string folder = Directory.CreateTempSubdirectory("dmsim-cc-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "program.c"), source);
            Run(folder, "cc", "-std=gnu11", "-w", "-o", "program", "program.c");
            return Run(folder, Path.Combine(folder, "program"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Run(string folder, string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        return process.ExitCode == 0 ? output.Result : throw new InvalidOperationException(errors.Result);
    }
}
