using System.Globalization;

namespace DmSim.Mutants;

/// <summary>
/// What happens in a process of its own, with the mutated model: seeing which case reaches which mutant, and holding one mutant after the
/// other against the cases that reach it, up to the first that differs. A mutant may take the process with it (an endless recursion):
/// what has been found is in files, and the <see cref="Campaign"/> starts the next process where this one stopped.
/// </summary>
internal static class Trial
{
    private const int FavouritesAtMost = 6;

    /// <summary>"reach FILE TRACES…": writes for each case its time and the mutants that it reaches.</summary>
    public static int Reach(string[] args)
    {
        MutantSwitch.TurnOff();
        MutantSwitch.NoteReached(true);
        using var cases = new RecordedCases(args[1..]);
        var reached = new int[cases.Count][];
        for (int index = 0; index < cases.Count; index++)
        {
            cases.Usual[index] = TimeSpan.FromMinutes(1);
            cases.Check(index);
            reached[index] = MutantSwitch.TakeReached();
        }
        MutantSwitch.NoteReached(false);
        cases.Measure();
        string unfinished = args[0] + ".unfinished";
        using (var file = new StreamWriter(unfinished))
        {
            for (int index = 0; index < cases.Count; index++)
                file.WriteLine(FormattableString.Invariant($"{cases.Usual[index].Ticks} {string.Join(' ', reached[index])}"));
        }
        File.Move(unfinished, args[0], overwrite: true);
        return 0;
    }

    /// <summary>
    /// "work JOURNAL REACHED MUTANTS SECONDS TRACES…": tries the mutants of a list that are not in the journal, each for so many seconds.
    /// </summary>
    public static int Work(string[] args)
    {
        string path = args[0];
        var reach = ReachedMutants.Read(args[1]);
        var done = Journal.Read(path);
        var mutants = MutantList.Read(args[2]).Where(mutant => !done.ContainsKey(mutant.Number)).ToList();
        var most = Seconds(args[3]);
        using var cases = new RecordedCases(args[4..]);
        reach.Times.CopyTo(cases.Usual, 0);
        using var journal = new Journal(path);
        var favourites = new List<int>();
        foreach (var (mutant, inInitializer) in mutants)
        {
            if (inInitializer)
            {
                journal.Add(mutant, OneProcess.Try([FormattableString.Invariant($"{mutant}"), .. args[1..2], .. args[3..]]));
                continue;
            }
            int[] of = [.. reach.Cases(mutant)];
            if (of.Length == 0)
            {
                journal.Add(mutant, new MutantEnd("NoCoverage"));
                continue;
            }
            journal.Begin(mutant);
            journal.Add(mutant, Try(cases, mutant, InOrder(of)));
        }
        return 0;

        // What has just noticed a mutant notices the next, which is often a few lines below.
        IEnumerable<int> InOrder(int[] of) => [.. favourites.Intersect(of), .. ShortFirst(of.Except(favourites), reach.Times, most)];

        MutantEnd Try(RecordedCases cases, int mutant, IEnumerable<int> inOrder)
        {
            MutantSwitch.TurnOn(mutant);
            try
            {
                foreach (int index in inOrder)
                {
                    var verdict = cases.Check(index);
                    if (verdict == Verdict.Same)
                        continue;
                    favourites.Remove(index);
                    favourites.Insert(0, index);
                    if (favourites.Count > FavouritesAtMost)
                        favourites.RemoveAt(FavouritesAtMost);
                    return new MutantEnd(verdict == Verdict.Endless ? "Timeout" : "Killed", cases.Name(index));
                }
                return new MutantEnd("Survived");
            }
            finally
            {
                MutantSwitch.TurnOff();
            }
        }
    }

    // Of long cases as many as there is time for, and one in any case.
    private static IEnumerable<int> ShortFirst(IEnumerable<int> cases, TimeSpan[] times, TimeSpan most)
    {
        var all = TimeSpan.Zero;
        foreach (int index in cases.OrderBy(index => times[index]).ThenBy(index => index))
        {
            if (all > most)
                yield break;
            yield return index;
            all += times[index];
        }
    }

    private static TimeSpan Seconds(string word) => TimeSpan.FromSeconds(int.Parse(word, CultureInfo.InvariantCulture));

    /// <summary>
    /// "one MUTANT REACHED SECONDS TRACES…": a mutant of an initializer, which runs once in a process. The status says how it went.
    /// </summary>
    public static int One(string[] args)
    {
        MutantSwitch.TurnOn(int.Parse(args[0], CultureInfo.InvariantCulture));
        try
        {
            using var cases = new RecordedCases(args[3..]);
            foreach (int index in ShortFirst(Enumerable.Range(0, cases.Count), ReachedMutants.Read(args[1]).Times, Seconds(args[2])))
            {
                // The model is not warm yet.
                cases.Usual[index] = TimeSpan.FromSeconds(1);
                var verdict = cases.Check(index);
                if (verdict != Verdict.Same)
                    return verdict == Verdict.Endless ? OneProcess.Endless : OneProcess.Differs;
            }
            return OneProcess.Same;
        }
        catch (TypeInitializationException)
        {
            return OneProcess.Differs;
        }
    }
}
