using System.Globalization;
using System.Text;
using DmSim.Host;

namespace DmSim.Cli.Hosted;

/// <summary>The machine that this very process runs on, when it is a simulated one: it answers questions.</summary>
internal static class InsideMachine
{
    /// <summary>Whether this process was started inside "dmsim sh" or "dmsim run".</summary>
    public static bool IsHere => File.Exists(HostSession.AskPath);

    /// <summary>Asks and hands the answer back. What is refused is a <see cref="BadInputException"/>.</summary>
    public static string Ask(params string[] words)
    {
        using var file = new FileStream(HostSession.AskPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        file.Write(Encoding.UTF8.GetBytes(string.Join('\0', words)));
        using var answer = new MemoryStream();
        file.CopyTo(answer);
        string[] parts = Encoding.UTF8.GetString(answer.ToArray()).Split('\n', 2);
        if (parts.Length < 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int status))
            throw new Kernel.Vm.SetupException("The simulated machine gives no answer: has its supervisor ended?");
        return status == 0 ? parts[1] : throw new BadInputException(parts[1]);
    }
}
