using System.Globalization;
using System.Text;
using DmSim.Harness.Campaigns;
using DmSim.Harness.Fuzzing.Campaign;

namespace DmSim.Cli;

/// <summary>What a campaign has done, as text, and what it ends with.</summary>
internal static class FuzzSummaryReport
{
    /// <summary>The modules of the targets that the model has: their functions are counted by themselves too.</summary>
    private static readonly string[] ModelledModules = ["dm_mod", "dm_thin_pool", "dm_persistent_data", "dm_bufio", "dm_bio_prison", "dm_snapshot"];

    /// <summary>For a progress line.</summary>
    public static string Line(FuzzFigures figures) => string.Create(CultureInfo.InvariantCulture,
        $"{figures.Elapsed.TotalSeconds:F0} s: {figures.Programs} programs, {figures.Loads} tables, {figures.Answers} answers, {figures.Functions.Count} functions, {figures.Found.Values.Sum()} found");

    public static string Write(FuzzResult result, string seed)
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.Append(culture, $"{result.Programs} programs with {result.Loads} tables in {result.Longest.TotalSeconds:F1} s; seed {seed}\n");
        text.Append(culture, $"  targets    {string.Join(' ', result.Targets)}\n");
        text.Append(culture, $"  rate       {result.OnKernel.PerSecond:F0} tables a second and machine, once it is warm; {result.OnModel.PerSecond:F0} on the model beside it\n");
        text.Append(culture, $"  answers    {result.Answers.Count} different (command, errno, log line)\n");
        AddFunctions(text, [.. result.Functions], result.There);
        text.Append(culture, $"  corpus     {result.FromCorpus} programs of earlier runs, {result.Corpus} now\n");
        text.Append(culture, $"  machine    {result.Starts} times from its saved state\n");
        var found = result.Findings.GroupBy(f => f.Kind).Select(f => $"{f.Count()} {f.Key.ToString().ToLowerInvariant()}");
        text.Append(culture, $"  found      {string.Join(", ", found.DefaultIfEmpty("nothing"))}; {result.Repeated} times again");
        return text.Append(culture, $"; {result.Dismissed} that the lock-step comparison does not confirm\n").ToString();
    }

    public static ExitCode Status(FuzzResult result) =>
        result.Findings.Any(f => f.IsOfModel) ? ExitCode.Diverge
        : result.Findings.Count > 0 ? ExitCode.GuestCrashed
        : result.Cancelled ? ExitCode.Interrupted
        : ExitCode.Agree;

    private static void AddFunctions(StringBuilder text, HashSet<string> hit, IReadOnlyList<string> there)
    {
        if (there.Count == 0)
            return;
        // ftrace tells no module: a name that two modules have counts for both.
        var modelled = there.Where(name => ModelledModules.Contains(name.Split(':')[0])).ToArray();
        int all = there.Count(name => hit.Contains(name.Split(':')[1])), six = modelled.Count(name => hit.Contains(name.Split(':')[1]));
        text.Append(CultureInfo.InvariantCulture,
            $"  functions  {all} of {there.Count} in {there.Select(name => name.Split(':')[0]).Distinct().Count()} modules; {six} of {modelled.Length} in the {ModelledModules.Length} of the modelled targets\n");
    }
}
