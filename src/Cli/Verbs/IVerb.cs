using System.CommandLine;

namespace DmSim.Cli.Verbs;

/// <summary>A word after dmsim: one file in this folder, one line in <see cref="VerbRegistry"/>, one test.</summary>
public interface IVerb
{
    string Name { get; }

    /// <summary>Options, arguments and the action.</summary>
    Command Build();
}
