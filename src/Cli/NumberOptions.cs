using System.CommandLine;
using System.Globalization;

namespace DmSim.Cli;

/// <summary>What options with numbers have in common.</summary>
internal static class NumberOptions
{
    public static void AtLeastOne<T>(this Option<T> option) => option.Validators.Add(result =>
    {
        // What is no number at all is refused elsewhere.
        if (result.Tokens is [{ Value: var text }] && long.TryParse(text, CultureInfo.InvariantCulture, out long value) && value < 1)
            result.AddError($"{option.Name} must be at least 1.");
    });
}
