using System.Globalization;
using DmSim.Abi;

namespace DmSim.Harness.Operations;

/// <summary>
/// Goes over the fields of an operation. A row of <see cref="OperationText"/> names each field once; the printer takes the values
/// it is shown, the parser puts others in their place, and so may anything else that rewrites operations (a shrinker that tries
/// simpler arguments): it overrides the kinds it cares about.
/// </summary>
public abstract class FieldWalk
{
    /// <summary>A field with a value, "key=value". Answers the value to build the operation with; null leaves an optional field out.</summary>
    protected abstract string? Value(string key, string? value, bool required);

    /// <summary>The value of a field that may come any number of times.</summary>
    protected abstract IReadOnlyList<string> Values(string key, IReadOnlyList<string> values);

    /// <summary>A field that is present or not.</summary>
    public abstract bool Switch(string key, bool value);

    public virtual string Text(string key, string value) => Value(key, value, required: true) ?? "";

    public virtual string? OptionalText(string key, string? value) => Value(key, value, required: false);

    public virtual ulong Number(string key, ulong value) =>
        FieldText.ParseNumber(key, Value(key, value.ToString(CultureInfo.InvariantCulture), required: true), ulong.MaxValue);

    public virtual int Handle(string key, int value) => (int)FieldText.ParseNumber(
        key, Value(key, value.ToString(CultureInfo.InvariantCulture), required: true), int.MaxValue);

    public virtual uint? OptionalNumber(string key, uint? value)
    {
        string? text = Value(key, value?.ToString(CultureInfo.InvariantCulture), required: false);
        return text is null ? null : (uint)FieldText.ParseNumber(key, text, uint.MaxValue);
    }

    /// <summary>Bits in hexadecimal; zero is left out.</summary>
    public virtual uint Bits(string key, uint value)
    {
        string? text = Value(key, value == 0 ? null : "0x" + value.ToString("x", CultureInfo.InvariantCulture), required: false);
        return text is null ? 0 : FieldText.ParseHex(key, text);
    }

    /// <summary>A size or position: "8s" in sectors, "13" in bytes.</summary>
    public virtual Bytes Size(string key, Bytes value) =>
        FieldText.ParseSize(key, Value(key, FieldText.PrintSize(value), required: true));

    public virtual OpenMode Mode(string key, OpenMode value) =>
        FieldText.ParseMode(key, Value(key, FieldText.PrintMode(value), required: true));

    public virtual TimeSpan Milliseconds(string key, TimeSpan value) => TimeSpan.FromMilliseconds(FieldText.ParseNumber(
        key, Value(key, ((long)value.TotalMilliseconds).ToString(CultureInfo.InvariantCulture), required: true), uint.MaxValue));

    public virtual ValueList<TableLine> Lines(string key, ValueList<TableLine> value) =>
        ValueList.From(Values(key, [.. value.Select(FieldText.PrintLine)]).Select(text => FieldText.ParseLine(key, text)));

    public virtual ValueList<byte> Buffer(string key, ValueList<byte> value) =>
        FieldText.ParseBuffer(key, Value(key, FieldText.PrintBuffer(value.Span), required: true));

    /// <summary>The three ways of naming a device, each left out when not used.</summary>
    public virtual DeviceRef Device(DeviceRef value)
    {
        string? name = Value("name", value.Name, required: false);
        string? uuid = Value("uuid", value.Uuid, required: false);
        string? number = Value("dev", value.Number?.ToString(), required: false);
        return new DeviceRef(name, uuid, number is null ? null : FieldText.ParseDevice("dev", number));
    }

    public virtual IoTarget Target(IoTarget value)
    {
        string? handle = Value("handle", value.Handle?.ToString(CultureInfo.InvariantCulture), required: false);
        if (handle is not null)
            return IoTarget.OnHandle((int)FieldText.ParseNumber("handle", handle, int.MaxValue));
        return IoTarget.On(Device(value.Device ?? DeviceRef.None));
    }
}
