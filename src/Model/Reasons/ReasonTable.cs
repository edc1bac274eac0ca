namespace DmSim.Model.Reasons;

/// <summary>All reasons, the more particular ones of a text before the general ones.</summary>
public static class ReasonTable
{
    public static IReadOnlyList<Reason> All { get; } =
        [.. IoctlReasons.All, .. TargetReasons.All, .. ThinReasons.All, .. SnapshotReasons.All, .. TableReasons.All, .. MetadataReasons.All];

    private const string Prefix = "device-mapper: ";

    /// <summary>The first reason whose text the line is.</summary>
    public static Reason? Find(string logLine)
    {
        string line = Strip(logLine);
        return All.FirstOrDefault(reason => reason.Covers(line));
    }

    internal static string Strip(string logLine) =>
        logLine.StartsWith(Prefix, StringComparison.Ordinal) ? logLine[Prefix.Length..] : logLine;
}
