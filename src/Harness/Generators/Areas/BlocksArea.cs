using System.Globalization;
using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Generators.Areas;

/// <summary>
/// What another area does, over loop devices whose logical blocks are mostly larger than a sector: limits that stack, tables and I/O that
/// have to keep to blocks. Most of what is drawn is moved to such places, the rest is refused for where it is.
/// </summary>
internal sealed class BlocksArea(string name, string summary, Area of) : Area
{
    private const ulong BlockSectors = 8, BlockBytes = BlockSectors * Sectors.BytesPerSector;
    private const int KeptPercent = 20;

    public override string Name => name;
    public override string Summary => summary;

    public override IReadOnlyList<(Rule, int)> Rules { get; } =
        [.. of.Rules.Select(entry => (entry.Rule with { Draw = scene => Moved(entry.Rule.Draw(scene), scene.Choices) }, entry.Tenths))];

    public override IReadOnlyList<(string, int)> Targets => of.Targets;
    public override int StackedPercent => of.StackedPercent;
    public override int MaxDevices => of.MaxDevices;
    public override int MinDevices => of.MinDevices;

    public override ValueList<LoopSetup> Loops(Choices choices) =>
        ValueList.From(of.Loops(choices).Select(loop => loop with { BlockSize = BlockSize(choices) }));

    /// <summary>In bytes. Kernels before 6.15 take none that is larger than a page.</summary>
    private static uint? BlockSize(Choices choices) => choices.Percent(3) ? choices.Pick<uint>(256, 768, 8192, 65536, 131072)
        : choices.Pick<uint?>(null, 1024, 2048, 4096, 4096, 4096, 4096);

    private static Operation? Moved(Operation? operation, Choices choices)
    {
        if (operation is Operation.LoopAttach attach)
            return attach with { BlockSize = BlockSize(choices) };
        if (operation is not (Operation.Io or Operation.LoadTable) || choices.Percent(KeptPercent))
            return operation;
        return operation switch
        {
            Operation.Read o => o with { Offset = Down(o.Offset), Length = Up(o.Length) },
            Operation.Write o => o with { Offset = Down(o.Offset), Length = Up(o.Length) },
            Operation.Discard o => o with { Offset = Down(o.Offset), Length = Up(o.Length) },
            Operation.SecureErase o => o with { Offset = Down(o.Offset), Length = Up(o.Length) },
            Operation.ZeroOut o => o with { Offset = Down(o.Offset), Length = Up(o.Length) },
            Operation.LoadTable o => o with { Lines = ValueList.From(o.Lines.Select(Moved)) },
            _ => operation,
        };
    }

    /// <summary>Lines that followed each other still do.</summary>
    private static TableLine Moved(TableLine line)
    {
        ulong start = line.Start.Value / BlockSectors * BlockSectors;
        ulong end = unchecked(line.Start.Value + line.Length.Value) / BlockSectors * BlockSectors;
        string[] words = line.Parameters.Split(' ');
        for (int i = 1; i < words.Length; i++)
        {
            bool isPlace = words[i - 1].Contains(':', StringComparison.Ordinal) || words[i - 1].StartsWith('/');
            bool isChunk = (line.Type == "striped" && i == 1) || (line.Type.StartsWith("snapshot", StringComparison.Ordinal) && i == 3);
            if ((isPlace || isChunk) && ulong.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
                words[i] = (isChunk ? Math.Max(BlockSectors, number) : number / BlockSectors * BlockSectors).ToString(CultureInfo.InvariantCulture);
        }
        return end <= start ? line
            : new TableLine(new Sectors(start), new Sectors(end - start), line.Type, string.Join(' ', words));
    }

    private static Bytes Down(Bytes place) => new(place.Value / BlockBytes * BlockBytes);

    private static Bytes Up(Bytes length) => length.Value > ulong.MaxValue - BlockBytes ? length : new((length.Value + BlockBytes - 1) / BlockBytes * BlockBytes);
}
