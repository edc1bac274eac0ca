namespace DmSim.Harness.Campaigns;

/// <summary>What tells one campaign from another: parts are joined only where all of it is the same.</summary>
/// <param name="Verb">"conform", "matrix" or "fuzz".</param>
/// <param name="Settings">What was asked for, by name: "seed" is "1".</param>
public sealed record Campaign(string Verb, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>The first setting in which the two differ, in words; null when they are one campaign.</summary>
    public string? DifferenceFrom(Campaign other)
    {
        if (Verb != other.Verb)
            return $"one is of {Verb}, the other of {other.Verb}";
        foreach (string name in Settings.Keys.Union(other.Settings.Keys).Order(StringComparer.Ordinal))
        {
            string? mine = Settings.GetValueOrDefault(name), theirs = other.Settings.GetValueOrDefault(name);
            if (mine != theirs)
                return $"{name} is {mine ?? "not given"} in one and {theirs ?? "not given"} in the other";
        }
        return null;
    }
}
