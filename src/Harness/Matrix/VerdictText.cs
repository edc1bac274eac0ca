namespace DmSim.Harness.Matrix;

/// <summary>What a change between two kernels is, given what all of them show: "new since 6.12", "gone in 7.3", "changed in 6.1".</summary>
internal static class VerdictText
{
    public static string Of(IReadOnlyList<ShownValue> values, string older, string newer)
    {
        string? before = values.FirstOrDefault(v => v.Machine == older)?.Value, after = values.FirstOrDefault(v => v.Machine == newer)?.Value;
        return before is null ? $"new since {newer}" : after is null ? $"gone in {newer}" : $"changed in {newer}";
    }
}
