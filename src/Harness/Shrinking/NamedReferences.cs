using System.Globalization;
using System.Text.RegularExpressions;
using DmSim.Abi;
using DmSim.Harness.Operations;
using DmSim.Harness.Outcomes;

namespace DmSim.Harness.Shrinking;

/// <summary>
/// Names mapped devices by name wherever an operation names them by uuid or number: minors move when the creation of another device is
/// taken out, names do not.
/// </summary>
/// <param name="before">The reference machine before the operation.</param>
internal sealed partial class NamedReferences(World before) : RewriteWalk
{
    public static Operation Rewrite(Operation operation, World before) => OperationText.Walk(operation, new NamedReferences(before));

    public override DeviceRef Device(DeviceRef value)
    {
        bool byNumber = value is { Name: null, Uuid: null, Number: not null };
        bool byUuid = value is { Name: null, Uuid: not null, Number: null };
        if ((byNumber || byUuid) && before.Resolve(value) is { } number && before.Find(number) is { Name.Length: > 0 } device)
            return DeviceRef.ByName(device.Name);
        return value;
    }

    public override ValueList<TableLine> Lines(string key, ValueList<TableLine> value) =>
        ValueList.From(value.Select(line => line with { Parameters = MappedDevice().Replace(line.Parameters, Named) }));

    private string Named(Match match)
    {
        string digits = match.Groups[1].Value + match.Groups[2].Value;
        return uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out uint minor)
            && before.Find(DeviceNumber.Dm(minor)) is { Name.Length: > 0 } device && !device.Name.AsSpan().ContainsAny('{', '}', ' ')
            ? Naming.InTable(device.Name) : match.Value;
    }

    [GeneratedRegex(@"(?<!\S)(?:254:([0-9]+)|/dev/dm-([0-9]+))(?!\S)")]
    private static partial Regex MappedDevice();
}
