using DmSim.Abi;
using FsCheck;
using FsCheck.Fluent;

namespace DmSim.Property.Abi;

/// <summary>Bytes that mean nothing, up to a few hundred of them; often small numbers, which make plausible offsets.</summary>
public sealed record RandomPayload(byte[] Bytes, uint Count)
{
    public override string ToString() => $"{Count} of {Convert.ToHexString(Bytes)}";
}

/// <summary>A change to a well-formed buffer: a word overwritten somewhere, and the end cut off.</summary>
public sealed record Mutation(int At, uint Word, int Cut)
{
    public byte[] Apply(byte[] bytes)
    {
        byte[] changed = bytes[..Math.Max(0, bytes.Length - Cut)];
        for (int i = 0; i < 4 && changed.Length > 0; i++)
            changed[(At + i) % changed.Length] = unchecked((byte)(Word >> (8 * i)));
        return changed;
    }
}

/// <summary>Generators of what payloads are made of.</summary>
public static class PayloadArbitraries
{
    /// <summary>Text of any bytes but zero, up to <paramref name="max"/> of them.</summary>
    private static Gen<string> Text(int max) =>
        from length in Gen.Choose(0, max)
        from chars in Gen.Frequency((8, Gen.Choose(32, 126)), (1, Gen.Choose(1, 255))).ArrayOf(length)
        select new string([.. chars.Select(c => (char)c)]);

    private static Gen<ulong> Sector => Gen.OneOf(
        Gen.Choose(0, 10000).Select(n => (ulong)n),
        Gen.Choose(0, 63).Select(bit => ulong.MaxValue >> bit));

    private static Gen<uint> Word => Gen.OneOf(
        Gen.Choose(0, 600).Select(n => (uint)n),
        Gen.Choose(0, 31).Select(bit => uint.MaxValue >> bit));

    private static Gen<DeviceNumber> Number =>
        from major in Gen.Choose(1, 4095)
        from minor in Gen.Choose(0, (int)DeviceNumber.MaxMinor)
        select new DeviceNumber((uint)major, (uint)minor);

    public static Arbitrary<TableLine> Lines() => (
        from start in Sector
        from length in Sector
        from type in Text(DmIoctl.DM_MAX_TYPE_NAME)
        from parameters in Text(80)
        select new TableLine(new Sectors(start), new Sectors(length), type, parameters)).ToArbitrary();

    public static Arbitrary<DmListedDevice> Devices() => (
        from name in Text(DmIoctl.DM_NAME_LEN - 1)
        from number in Number
        from eventNr in Word
        from uuid in Gen.OneOf(Gen.Constant<string?>(null), Text(DmIoctl.DM_UUID_LEN - 1).Select(text => (string?)text))
        select new DmListedDevice(name, number, eventNr,
            uuid is null ? DmNameListFlags.DM_NAME_LIST_FLAG_DOESNT_HAVE_UUID : DmNameListFlags.DM_NAME_LIST_FLAG_HAS_UUID,
            uuid)).ToArbitrary();

    public static Arbitrary<DmTargetVersion> Versions() => (
        from name in Text(DmIoctl.DM_MAX_TYPE_NAME - 1)
        from major in Word
        from minor in Word
        from patch in Word
        select new DmTargetVersion(name, major, minor, patch)).ToArbitrary();

    public static Arbitrary<DeviceNumber> Numbers() => Number.ToArbitrary();

    public static Arbitrary<RandomPayload> RandomPayloads() => (
        from bytes in Gen.Sized(size => Gen.Frequency(
            (3, Gen.Choose(0, 255)), (3, Gen.Constant(0)), (1, Gen.Choose(1, 48))).ArrayOf(size * 4))
        from count in Word
        select new RandomPayload([.. bytes.Select(b => (byte)b)], count)).ToArbitrary();

    public static Arbitrary<Mutation> Mutations() => (
        from at in Gen.Choose(0, 4000)
        from word in Word
        from cut in Gen.Frequency((2, Gen.Constant(0)), (1, Gen.Choose(1, 60)))
        select new Mutation(at, word, cut)).ToArbitrary();
}
