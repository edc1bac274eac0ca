namespace DmSim.Property.Thin;

/// <summary>Random commands for a <see cref="PoolDriver"/>, the same for the same seed on every machine.</summary>
internal static class RandomPoolScripts
{
    public static IEnumerable<string> Commands(int seed, int steps, int virtualBlocks, int writesMax)
    {
        var random = new Random(seed);
        var thins = new List<int> { 0 };
        int next = 1;
        bool held = false;
        yield return "create_thin 0";
        for (int i = 0; i < steps; i++)
        {
            int choice = random.Next(100);
            if (choice < 10 && thins.Count < 12)
            {
                yield return $"create_thin {next}";
                thins.Add(next);
                next += random.Next(5) == 0 ? 300 : 1;
            }
            else if (choice < 28 && thins.Count < 12)
            {
                yield return $"create_snap {next} {thins[random.Next(thins.Count)]}";
                thins.Add(next++);
            }
            else if (choice < 38 && thins.Count > 2)
            {
                int index = random.Next(thins.Count);
                yield return $"delete {thins[index]}";
                thins.RemoveAt(index);
            }
            else if (choice < 42)
            {
                yield return held ? "release_metadata_snap" : "reserve_metadata_snap";
                held = !held;
            }
            else
            {
                foreach (string command in Group(random, thins, virtualBlocks, writesMax))
                    yield return command;
            }
        }
    }

    private static IEnumerable<string> Group(Random random, List<int> thins, int virtualBlocks, int writesMax)
    {
        yield return "begin";
        int thin = thins[random.Next(thins.Count)];
        int first = random.Next(virtualBlocks);
        int stride = random.Next(-2, 3);
        int writes = random.Next(1, writesMax);
        for (int j = 0; j < writes; j++)
        {
            int block = stride == 0 ? random.Next(virtualBlocks) : first + stride * j;
            yield return $"write {thin} {((block % virtualBlocks) + virtualBlocks) % virtualBlocks}";
            if (random.Next(10) == 0)
                thin = thins[random.Next(thins.Count)];
        }
        if (random.Next(2) == 0)
        {
            int begin = random.Next(virtualBlocks);
            int count = random.Next(1, Math.Max(2, Math.Min(virtualBlocks - begin, virtualBlocks / 3)));
            yield return $"discard {thins[random.Next(thins.Count)]} {begin} {Math.Min(count, virtualBlocks - begin)}";
        }
        yield return "commit";
    }
}
