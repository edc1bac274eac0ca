using DmSim.Abi;
using DmSim.Harness.Operations;

namespace DmSim.Property.Harness;

/// <summary>Fills every field of an operation with arbitrary values, so that any kind can be drawn from its row alone.</summary>
internal sealed class RandomWalk(Random random) : FieldWalk
{
    /// <summary>An operation of the verb at <paramref name="index"/> in the table, with arbitrary fields.</summary>
    public static Operation Draw(Random random, Operation prototype) => OperationText.Walk(prototype, new RandomWalk(random));

    protected override string? Value(string key, string? value, bool required) =>
        required || random.Next(2) == 0 ? AnyText() : null;

    protected override IReadOnlyList<string> Values(string key, IReadOnlyList<string> values) => [AnyText()];

    public override bool Switch(string key, bool value) => random.Next(2) == 0;

    public override ulong Number(string key, ulong value) => (ulong)random.NextInt64() >> random.Next(63);
    public override int Handle(string key, int value) => random.Next();
    public override uint? OptionalNumber(string key, uint? value) =>
        key == "event" || random.Next(2) == 0 ? (uint)random.NextInt64(1L << 32) : null;
    public override uint Bits(string key, uint value) => (uint)random.NextInt64(1L << 32) >> random.Next(32);
    public override Bytes Size(string key, Bytes value) => new((ulong)random.NextInt64() >> random.Next(63));

    public override OpenMode Mode(string key, OpenMode value) =>
        (OpenMode)random.Next(1, 4) | (random.Next(2) == 0 ? OpenMode.Exclusive : 0);

    public override TimeSpan Milliseconds(string key, TimeSpan value) => TimeSpan.FromMilliseconds(random.Next());

    public override ValueList<TableLine> Lines(string key, ValueList<TableLine> value) => ValueList.From(
        Enumerable.Range(0, random.Next(4)).Select(_ => new TableLine(
            new Sectors((ulong)random.NextInt64()), new Sectors((ulong)random.NextInt64()), AnyText(), AnyText())));

    public override ValueList<byte> Buffer(string key, ValueList<byte> value)
    {
        byte[] bytes = new byte[random.Next(400)];
        if (random.Next(2) == 0)
            random.NextBytes(bytes);
        return ValueList.Create<byte>(bytes);
    }

    public override DeviceRef Device(DeviceRef value) => new(
        random.Next(2) == 0 ? AnyText() : null,
        random.Next(2) == 0 ? AnyText() : null,
        random.Next(2) == 0 ? new DeviceNumber((uint)random.Next(), (uint)random.Next()) : null);

    public override IoTarget Target(IoTarget value) =>
        random.Next(2) == 0 ? IoTarget.OnHandle(random.Next()) : IoTarget.On(Device(DeviceRef.None));

    private const string Favourites = "ab0 \"\\=#%{}\n\t\r\0\u007f\u00ff/:";

    private string AnyText() => string.Create(random.Next(12), random, static (span, random) =>
    {
        foreach (ref char c in span)
            c = random.Next(2) == 0 ? Favourites[random.Next(Favourites.Length)] : (char)random.Next(256);
    });
}
