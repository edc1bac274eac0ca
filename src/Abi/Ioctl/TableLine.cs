using System.Globalization;

namespace DmSim.Abi;

/// <summary>One line of a table or of its status: where it lies, the target type, and the words for or from the target.</summary>
public sealed record TableLine(Sectors Start, Sectors Length, string Type, string Parameters)
{
    /// <summary>The first sector after the line; wraps as the kernel's sum does.</summary>
    public Sectors End => new(unchecked(Start.Value + Length.Value));

    /// <summary>As "dmsetup table" prints it, with the blank after the type even when no words follow.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Start.Value} {Length.Value} {Type} {Parameters}");
}
