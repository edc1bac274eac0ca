using System.Text;

namespace DmSim.Kernel.Vm;

/// <summary>A script to run in a guest.</summary>
/// <param name="Name">What it calls itself: a file name without folder.</param>
public sealed record GuestScript(string Name, byte[] Contents)
{
    /// <summary>A script from a file of the host.</summary>
    public static GuestScript Read(string file)
    {
        try
        {
            // A name with a line break in it would end the request too early (ScriptLink).
            return new GuestScript(Path.GetFileName(file).ReplaceLineEndings("_"), File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The script {file} cannot be read ({e.Message.TrimEnd('.')}): check its name and permissions.", e);
        }
    }
}

/// <summary>How a run of scripts ended.</summary>
/// <param name="Status">Exit status of the last script that ran; null when the guest ended before it did.</param>
/// <param name="Crash">What the kernel complained of; null when it did not.</param>
/// <param name="Console">The last lines of the guest's console.</param>
public sealed record ScriptOutcome(int? Status, GuestCrash? Crash, IReadOnlyList<string> Console);

/// <summary>
/// The talk with the init of <see cref="ScriptImage"/>, in lines: the guest says "ready", the host "SIZE NAME" and that many bytes for each
/// script, then "end"; the guest says "status N" at the end.
/// </summary>
internal static class ScriptLink
{
    public const string Output = "output", Errors = "errors", Control = "control";

    /// <summary>In the order in which init expects the ports.</summary>
    public static readonly IReadOnlyList<string> Channels = [Output, Errors, Control];

    public const string Ready = "ready";

    public static byte[] Requests(IEnumerable<GuestScript> scripts)
    {
        var bytes = new MemoryStream();
        foreach (var script in scripts)
        {
            bytes.Write(Encoding.UTF8.GetBytes($"{script.Contents.Length} {script.Name}\n"));
            bytes.Write(script.Contents);
        }
        bytes.Write("end\n"u8);
        return bytes.ToArray();
    }

    /// <summary>The status in a guest's line; null when it is another line.</summary>
    public static int? TryStatus(string line) =>
        line.StartsWith("status ", StringComparison.Ordinal) && int.TryParse(line["status ".Length..], out int status) ? status : null;
}
