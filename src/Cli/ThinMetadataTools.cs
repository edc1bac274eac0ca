using System.Diagnostics;
using DmSim.Harness.Metadata;
using DmSim.Kernel.Vm;

namespace DmSim.Cli;

/// <summary>thin_check and thin_dump as this machine has them. They read from a temporary file and touch nothing else.</summary>
internal sealed class ThinMetadataTools(string check, string dump) : IMetadataTools
{
    /// <summary>Null when they are not installed (Debian: thin-provisioning-tools).</summary>
    public static ThinMetadataTools? OfHost() =>
        HostPrograms.Find("thin_check") is { } check && HostPrograms.Find("thin_dump") is { } dump ? new ThinMetadataTools(check, dump) : null;

    public string? Check(byte[] image)
    {
        var (status, output) = Run(check, image);
        return status == 0 ? null : output.Trim();
    }

    public string Dump(byte[] image) => Run(dump, image).Output;

    private static (int Status, string Output) Run(string tool, byte[] image)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, image);
            var start = new ProcessStartInfo(tool, [path]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, (output + errors.Result).Replace(path, "image", StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
