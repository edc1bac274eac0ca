using System.Globalization;
using System.Text.RegularExpressions;
using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Shrinking;

/// <summary>Which loop devices a sequence names: in references, in loop operations, in table texts.</summary>
internal sealed partial class LoopUse : RewriteWalk
{
    private readonly HashSet<int> _indexes = [];

    public static IReadOnlySet<int> Of(OperationSequence sequence)
    {
        var use = new LoopUse();
        foreach (var operation in sequence.Operations)
            OperationText.Walk(operation, use);
        return use._indexes;
    }

    public override int Handle(string key, int value)
    {
        if (key == "index")
            _indexes.Add(value);
        return value;
    }

    public override DeviceRef Device(DeviceRef value)
    {
        if (value.Number is { Major: DeviceNumber.LoopMajor } number)
            _indexes.Add((int)number.Minor);
        return value;
    }

    public override ValueList<TableLine> Lines(string key, ValueList<TableLine> value)
    {
        foreach (var line in value)
        {
            foreach (Match match in LoopDevice().Matches(line.Parameters))
            {
                if (int.TryParse(match.Groups[1].Value + match.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
                    _indexes.Add(index);
            }
        }
        return value;
    }

    [GeneratedRegex(@"(?:\b7:0*([0-9]+)|/dev/loop([0-9]+))")]
    private static partial Regex LoopDevice();
}
