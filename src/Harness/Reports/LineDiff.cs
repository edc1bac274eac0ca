namespace DmSim.Harness.Reports;

/// <summary>Two lists of lines, aligned by their longest common subsequence.</summary>
internal static class LineDiff
{
    /// <summary>Lists longer than this are set side by side without looking for what they share: reports are for people.</summary>
    private const int MaxLines = 400;

    /// <summary>Each line with "-" when only the model has it, "+" when only the kernel has it, " " when both do.</summary>
    public static IEnumerable<(char Side, string Line)> Compare(string[] model, string[] kernel)
    {
        if (model.Length > MaxLines || kernel.Length > MaxLines)
        {
            foreach (string line in model)
                yield return ('-', line);
            foreach (string line in kernel)
                yield return ('+', line);
            yield break;
        }
        int[,] common = Lengths(model, kernel);
        int i = 0, j = 0;
        while (i < model.Length || j < kernel.Length)
        {
            if (i < model.Length && j < kernel.Length && model[i] == kernel[j])
            {
                yield return (' ', model[i++]);
                j++;
            }
            else if (j == kernel.Length || (i < model.Length && common[i + 1, j] >= common[i, j + 1]))
                yield return ('-', model[i++]);
            else
                yield return ('+', kernel[j++]);
        }
    }

    /// <summary>Length of the longest common subsequence of each pair of tails.</summary>
    private static int[,] Lengths(string[] a, string[] b)
    {
        int[,] length = new int[a.Length + 1, b.Length + 1];
        for (int i = a.Length - 1; i >= 0; i--)
        {
            for (int j = b.Length - 1; j >= 0; j--)
                length[i, j] = a[i] == b[j] ? length[i + 1, j + 1] + 1 : Math.Max(length[i + 1, j], length[i, j + 1]);
        }
        return length;
    }
}
