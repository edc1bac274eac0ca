using System.Globalization;

namespace DmSim.Harness.Matrix;

/// <summary>
/// What a campaign ends with. By itself: whether a model is wrong. Against a baseline: whether anything is found that the baseline does
/// not have, and nothing else.
/// </summary>
public sealed class MatrixVerdict
{
    private readonly HashSet<string>? _known;
    private readonly MatrixSummary _summary;

    /// <param name="baseline">Signatures that are no news; null when there is no baseline to go by.</param>
    public MatrixVerdict(MatrixSummary summary, IEnumerable<string>? baseline)
    {
        _summary = summary;
        _known = baseline?.ToHashSet(StringComparer.Ordinal);
    }

    public bool HasBaseline => _known is not null;

    /// <summary>Always false where there is no baseline.</summary>
    public bool IsNew(FindingGroup group) => _known is not null && !_known.Contains(group.Signature);

    public bool ModelIsWrong => _summary.Findings.Any(g => g.Smallest.Kind is FindingKind.ModelWrong or FindingKind.ModelThrew);

    public IReadOnlyList<FindingGroup> New => [.. _summary.Findings.Where(IsNew)];

    /// <summary>Whether the campaign found nothing that it was to find.</summary>
    public bool IsGood => _known is null ? !ModelIsWrong : New.Count == 0;

    /// <summary>Whether what is bad about it is that a guest failed.</summary>
    public bool IsGuestFailure => !IsGood && New.Count > 0 && New.All(g => g.Smallest.Kind == FindingKind.GuestFailure);

    public IEnumerable<string> Lines
    {
        get
        {
            if (_known is null)
                yield break;
            int gone = _known.Count(signature => _summary.Findings.All(g => g.Signature != signature));
            yield return string.Create(CultureInfo.InvariantCulture,
                $"against the baseline of {_known.Count} signatures: {New.Count} new, {_known.Count - gone} seen again, {gone} not seen");
        }
    }
}
