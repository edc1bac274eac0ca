namespace DmSim.Harness.Campaigns;

/// <summary>A result file that is damaged, or does not belong with others. The message is one sentence for the user.</summary>
public sealed class BadResultException(string message) : Exception(message);
