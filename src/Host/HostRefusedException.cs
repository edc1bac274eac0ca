namespace DmSim.Host;

/// <summary>The host does not let programs live on a simulated machine; the message says what is missing and what helps.</summary>
public sealed class HostRefusedException(string message) : Exception(message)
{
    private const string Instead = "'dmsim vm SCRIPT' runs a script on the real kernel instead.";

    internal static HostRefusedException Missing(string what, string remedy) => new($"{what} {remedy} {Instead}");
}
