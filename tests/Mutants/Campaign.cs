using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace DmSim.Mutants;

/// <summary>
/// Tries the mutants of some files: processes that work, started again where a mutant has ended one, and a report as Stryker's.
/// </summary>
internal static class Campaign
{
    private const string ModelFolder = "/src/Model/";

    /// <summary>"try STRYKER'S-REPORT REPORT JOBS FILES EVERY SECONDS TRACES…"; FILES has the names of source files, from the root.</summary>
    public static int Run(string[] args)
    {
        var report = JsonNode.Parse(File.ReadAllText(args[0]))!;
        string work = args[1] + ".work";
        Directory.CreateDirectory(work);
        int every = int.Parse(args[4], CultureInfo.InvariantCulture);
        string[] traces = args[6..];
        var chosen = File.ReadLines(args[3]).Select(file => file["src/Model/".Length..]).ToHashSet();
        var files = report["files"]!.AsObject();
        foreach (string name in files.Select(file => file.Key).ToList())
        {
            if (!chosen.Contains(name[(name.LastIndexOf(ModelFolder, StringComparison.Ordinal) + ModelFolder.Length)..]))
                files.Remove(name);
        }
        var mutants = files.SelectMany(file => file.Value!["mutants"]!.AsArray()).Select(mutant => mutant!.AsObject())
            .Where(mutant => mutant["status"]!.GetValue<string>() is not ("CompileError" or "Ignored"))
            .ToDictionary(mutant => int.Parse(mutant["id"]!.GetValue<string>(), CultureInfo.InvariantCulture));
        foreach (var (number, mutant) in mutants.Where(mutant => mutant.Key % every != 0).ToList())
        {
            mutant["status"] = "Ignored";
            mutants.Remove(number);
        }
        Console.Error.WriteLine($"{mutants.Count} mutants; seeing which case reaches which …");

        string reached = Path.Combine(work, "reached");
        using (var reach = OneProcess.Start(["reach", reached, .. traces]))
        {
            reach.WaitForExit();
            if (reach.ExitCode != 0)
                throw new InvalidOperationException("the cases could not be checked on the model as it is; see dmsim check");
        }
        int jobs = int.Parse(args[2], CultureInfo.InvariantCulture);
        var all = mutants.OrderBy(mutant => mutant.Key).Select(mutant => (mutant.Key, mutant.Value["static"]!.GetValue<bool>())).ToList();
        var ends = new Dictionary<int, MutantEnd>();
        Parallel.For(0, jobs, new ParallelOptions { MaxDegreeOfParallelism = jobs }, job =>
        {
            string path = Path.Combine(work, FormattableString.Invariant($"{job}"));
            var done = Worker(path, reached, args[5..], [.. all.Where((_, i) => i % jobs == job)]);
            lock (ends)
            {
                foreach (var (mutant, end) in done)
                    ends.Add(mutant, end);
            }
        });
        foreach (var (number, mutant) in mutants)
        {
            mutant["status"] = ends[number].Status;
            if (ends[number].NoticedBy is { } name)
                mutant["killedBy"] = new JsonArray(name);
        }
        File.WriteAllText(args[1], report.ToJsonString());
        Directory.Delete(work, recursive: true);
        return 0;
    }

    private static Dictionary<int, MutantEnd> Worker(string path, string reached, string[] timeAndTraces, IReadOnlyList<(int, bool)> mutants)
    {
        string list = path + ".list", journal = path + ".journal";
        MutantList.Write(list, mutants);
        File.Delete(journal);
        for (int before = -1; ;)
        {
            using (var process = OneProcess.Start(["work", journal, reached, list, .. timeAndTraces]))
            {
                while (!process.WaitForExit(TimeSpan.FromMinutes(1)))
                    Console.Error.WriteLine($"{Journal.Read(journal).Count} of {mutants.Count} tried");
            }
            var done = Journal.Read(journal);
            if (done.Count == mutants.Count)
                return done;
            if (done.Count == before)
                throw new InvalidOperationException($"mutants are not tried any more after {before}: the program ends by itself");
            before = done.Count;
        }
    }
}
