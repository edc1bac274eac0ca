using System.CommandLine;

namespace DmSim.Cli.Verbs;

/// <summary>A word after dmsim: one file in this folder, one line in <see cref="VerbRegistry"/>, one test.</summary>
public interface IVerb
{
    string Name { get; }

    /// <summary>
    /// Whether the first word that is no option, and all that follow it, belong to a program that the verb starts: options among them
    /// are the program's.
    /// </summary>
    bool EndsWithProgram => false;

    /// <summary>Options, arguments and the action.</summary>
    Command Build();
}
