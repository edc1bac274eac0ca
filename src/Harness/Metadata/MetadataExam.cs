using DmSim.Abi;
using DmSim.Harness.Reports;

namespace DmSim.Harness.Metadata;

/// <summary>The metadata that a case left on one loop device, on both machines.</summary>
/// <param name="Spoilt">Others than the pool wrote there too.</param>
public sealed record MetadataPair(int Loop, byte[] Model, byte[] Kernel, bool Spoilt)
{
    public static byte[] Image(MachineReply.Dump dump)
    {
        byte[] image = new byte[dump.Size];
        foreach (var block in dump.Blocks)
            block.Data.CopyTo(image.AsSpan(checked(block.Index * DumpedBlock.Bytes)));
        return image;
    }
}

/// <summary>What was found out about the metadata that cases leave behind.</summary>
/// <param name="Compared">Images that both machines left.</param>
/// <param name="SameMeaning">Those of which thin_dump says the same on both.</param>
/// <param name="Checked">Images of the model that thin_check saw and has to pass.</param>
/// <param name="Spoilt">Images that others wrote to as well: both must fare alike.</param>
public readonly record struct MetadataFigures(int Compared, int SameMeaning, int Checked, int Spoilt)
{
    public static MetadataFigures operator +(MetadataFigures a, MetadataFigures b) =>
        new(a.Compared + b.Compared, a.SameMeaning + b.SameMeaning, a.Checked + b.Checked, a.Spoilt + b.Spoilt);
}

/// <summary>
/// Has the tools look at what a case left. Images are equal in meaning when they are equal byte for byte, so that two of one kind cost
/// one look.
/// </summary>
public static class MetadataExam
{
    /// <param name="Complaint">What is wrong with an image, or how the two differ; null when all is well.</param>
    public readonly record struct Result(MetadataFigures Figures, string? Complaint);

    public static Result Of(IEnumerable<MetadataPair> pairs, IMetadataTools tools)
    {
        var figures = default(MetadataFigures);
        string? complaint = null;
        foreach (var pair in pairs)
        {
            var (more, wrong) = Of(pair, tools);
            figures += more;
            complaint ??= wrong;
        }
        return new Result(figures, complaint);
    }

    private static (MetadataFigures Figures, string? Complaint) Of(MetadataPair pair, IMetadataTools tools)
    {
        bool sameBytes = pair.Model.AsSpan().SequenceEqual(pair.Kernel);
        string? ours = tools.Check(pair.Model);
        string? theirs = sameBytes ? ours : tools.Check(pair.Kernel);
        string? difference = sameBytes ? null : DifferingLines(tools.Dump(pair.Model), tools.Dump(pair.Kernel));
        var figures = new MetadataFigures(1, difference is null ? 1 : 0, pair.Spoilt ? 0 : 1, pair.Spoilt ? 1 : 0);
        string? complaint = difference is not null ? $"thin_dump of loop {pair.Loop} differs:\n{difference}"
            : ours != theirs ? $"thin_check of loop {pair.Loop} says to the model's: {ours ?? "nothing"}\nto the kernel's: {theirs ?? "nothing"}"
            : ours is not null && !pair.Spoilt ? $"thin_check refuses what both left on loop {pair.Loop}: {ours}"
            : null;
        return (figures, complaint);
    }

    private static string? DifferingLines(string model, string kernel)
    {
        if (model == kernel)
            return null;
        var lines = LineDiff.Compare(model.Split('\n'), kernel.Split('\n')).Select(line => $"{line.Side} {line.Line}".TrimEnd());
        return string.Join('\n', lines.Where(line => line.Length > 0 && line[0] is '+' or '-').Take(40));
    }
}
