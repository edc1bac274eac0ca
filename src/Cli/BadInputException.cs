namespace DmSim.Cli;

/// <summary>A file or argument is not what it should be; the message is the sentence for the user.</summary>
public sealed class BadInputException(string message) : Exception(message);
