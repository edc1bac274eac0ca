using System.Globalization;
using System.Text;
using DmSim.Harness.Fuzzing.Campaign;

namespace DmSim.Cli;

/// <summary>What a campaign has done, as text.</summary>
internal static class FuzzSummaryReport
{
    /// <summary>The modules of the targets that the model has: their functions are counted by themselves too.</summary>
    private static readonly string[] ModelledModules = ["dm_mod", "dm_thin_pool", "dm_persistent_data", "dm_bufio", "dm_bio_prison", "dm_snapshot"];

    /// <summary>For a progress line.</summary>
    public static string Line(FuzzFigures figures) => string.Create(CultureInfo.InvariantCulture,
        $"{figures.Elapsed.TotalSeconds:F0} s: {figures.Programs} programs, {figures.Loads} tables, {figures.Answers} answers, {figures.Functions.Count} functions, {figures.Found.Values.Sum()} found");

    /// <param name="there">Every function that the kernel has, as "module:function"; empty where that is not known.</param>
    public static string Write(IReadOnlyList<FuzzFigures> workers, IReadOnlyList<string> there, ulong seed)
    {
        var text = new StringBuilder();
        long loads = workers.Sum(figures => figures.Loads);
        double onKernel = workers.Sum(figures => figures.OnKernel.Time.TotalSeconds);
        var culture = CultureInfo.InvariantCulture;
        text.Append(culture, $"{workers.Sum(f => f.Programs)} programs with {loads} tables in {workers.Max(f => f.Elapsed.TotalSeconds):F1} s; seed {seed}\n");
        text.Append(culture, $"  targets    {string.Join(' ', workers[0].Targets)}\n");
        text.Append(culture, $"  rate       {Rate(workers.Sum(f => f.OnKernel.Loads), onKernel):F0} tables a second and machine, once it is warm; {Rate(workers.Sum(f => f.OnModel.Loads), workers.Sum(f => f.OnModel.Time.TotalSeconds)):F0} on the model beside it\n");
        text.Append(culture, $"  answers    {workers.Max(f => f.Answers)} different (command, errno, log line)\n");
        AddFunctions(text, [.. workers.SelectMany(f => f.Functions)], there);
        text.Append(culture, $"  corpus     {workers.Sum(f => f.FromCorpus)} programs of earlier runs, {workers.Sum(f => f.Corpus)} now\n");
        text.Append(culture, $"  machine    {workers.Sum(f => f.Starts)} times from its saved state\n");
        var found = workers.SelectMany(f => f.Found).GroupBy(f => f.Key).Select(f => $"{f.Sum(one => one.Value)} {f.Key.ToString().ToLowerInvariant()}");
        text.Append(culture, $"  found      {string.Join(", ", found.DefaultIfEmpty("nothing"))}; {workers.Sum(f => f.Repeated)} times again");
        return text.Append(culture, $"; {workers.Sum(f => f.Dismissed)} that the lock-step comparison does not confirm\n").ToString();
    }

    private static double Rate(long count, double seconds) => seconds > 0 ? count / seconds : 0;

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
