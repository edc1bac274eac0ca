using DmSim.Harness.Campaigns;

namespace DmSim.Cli;

/// <summary>What a campaign of conform ends with, run in one piece or merged of several.</summary>
internal static class ConformStatus
{
    public static ExitCode Of(ConformResult result) =>
        result.Noted.Any(n => n.IsOfModel) ? ExitCode.Diverge
        : result.Noted.Count > 0 ? ExitCode.GuestCrashed
        : result.Cancelled ? ExitCode.Interrupted
        : ExitCode.Agree;
}
