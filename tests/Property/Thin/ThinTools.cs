using System.Diagnostics;
using NUnit.Framework;

namespace DmSim.Property.Thin;

/// <summary>The independent judges: Debian's thin-provisioning-tools, when they are installed.</summary>
internal static class ThinTools
{
    private static readonly string[] Folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"];

    /// <summary>Skips the test, saying why, when a tool is missing.</summary>
    public static void Require(params string[] tools)
    {
        foreach (string tool in tools)
            if (Find(tool) is null)
                Assert.Ignore($"{tool} is not installed (Debian: thin-provisioning-tools)");
    }

    private static string? Find(string tool) => Folders.Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);

    /// <summary>Runs a tool on a metadata image, given as "{}" among its arguments, and answers its exit status and all it said.</summary>
    public static (int ExitStatus, string Output) Run(byte[] image, string tool, params string[] arguments) =>
        Run(image, tool, arguments, out _);

    /// <summary>What a tool makes of an image that it may change.</summary>
    public static byte[] Changed(byte[] image, string tool, params string[] arguments)
    {
        var (status, output) = Run(image, tool, arguments, out byte[] changed);
        Assert.That(status, Is.Zero, output);
        return changed;
    }

    private static (int ExitStatus, string Output) Run(byte[] image, string tool, string[] arguments, out byte[] changed)
    {
        string path = Path.Combine(Path.GetTempPath(), $"dmsim-{Guid.NewGuid():N}.metadata");
        File.WriteAllBytes(path, image);
        try
        {
            var start = new ProcessStartInfo(Find(tool)!) { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (string argument in arguments)
                start.ArgumentList.Add(argument == "{}" ? path : argument);
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            changed = File.ReadAllBytes(path);
            return (process.ExitCode, output + errors.Result);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static void MustPassCheck(byte[] image)
    {
        var (status, output) = Run(image, "thin_check", "{}");
        Assert.That(status, Is.Zero, output);
    }

    public static string Dump(byte[] image, params string[] options)
    {
        var (status, output) = Run(image, "thin_dump", [.. options, "{}"]);
        Assert.That(status, Is.Zero, output);
        return output;
    }
}
