using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Harness.Shrinking;

/// <summary>A walk that leaves every field as it is; those that change some override their kinds.</summary>
internal abstract class RewriteWalk : FieldWalk
{
    protected override string? Value(string key, string? value, bool required) => value;
    protected override IReadOnlyList<string> Values(string key, IReadOnlyList<string> values) => values;

    public override bool Switch(string key, bool value) => value;
    public override ulong Number(string key, ulong value) => value;
    public override int Handle(string key, int value) => value;
    public override uint? OptionalNumber(string key, uint? value) => value;
    public override uint Bits(string key, uint value) => value;
    public override Bytes Size(string key, Bytes value) => value;
    public override OpenMode Mode(string key, OpenMode value) => value;
    public override TimeSpan Milliseconds(string key, TimeSpan value) => value;
    public override ValueList<TableLine> Lines(string key, ValueList<TableLine> value) => value;
    public override ValueList<byte> Buffer(string key, ValueList<byte> value) => value;
    public override DeviceRef Device(DeviceRef value) => value;

    public override IoTarget Target(IoTarget value) => value.Device is null ? value : value with { Device = Device(value.Device) };
}
