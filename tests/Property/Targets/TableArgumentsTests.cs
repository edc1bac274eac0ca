using DmSim.Abi;
using DmSim.Model.Targets;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace DmSim.Property.Targets;

/// <summary>Whatever words stand in a table: the kernel answers, and gives back every device that it took.</summary>
public sealed class TableArgumentsTests
{
    private static readonly string[] Words =
    [
        "7:0", "7:1", "7:9", "9:9", "254:0", "/dev/loop0", "0", "1", "2", "3", "5", "6", "8", "-1", "+1", "0x8", "x", "r", "w", "255",
        "4294967295", "4294967296", "18446744073709551615", "drop_writes", "error_writes", "corrupt_bio_byte", "\\ ", "\u00a0", "é",
    ];

    private static Arbitrary<string> Lines() => Arb.From(
        from type in Gen.Elements(TargetRegistry.All.Select(t => t.Name).Append("nosuch").ToArray())
        from length in Gen.Elements(1, 8, 24, 64, 4096)
        from words in Gen.Elements(Words).ListOf()
        select $"0 {length} {type} {string.Join(' ', words)}");

    [TestCase("0 8 striped 2 4 7:0 0 7:1 x")]
    [TestCase("0 8 striped 2 4 7:0 0 9:9 0")]
    [TestCase("0 8 delay 7:0 0 1 9:9 0 1")]
    [TestCase("0 8 delay 7:0 0 1 7:1 0 1 7:1 0 x")]
    public void A_refusal_gives_back_the_devices_taken_before_it(string line) => IsAnsweredAndLeavesNothingOpen(line);

    [FsCheck.NUnit.Property(MaxTest = 1000)]
    public FsCheck.Property Every_table_is_answered_and_nothing_stays_open() =>
        Prop.ForAll(Lines(), IsAnsweredAndLeavesNothingOpen);

    private static void IsAnsweredAndLeavesNothingOpen(string line)
    {
        var machine = new TestMachine(64, 64);
        var (errno, _) = machine.Refusal(line);
        for (int i = 0; i < 2; i++)
        {
            Assert.That(machine.TryOpen(DeviceNumber.Loop(i), OpenMode.Read | OpenMode.Exclusive, out var file),
                Is.EqualTo(Errno.None), $"{line} ({errno}) still holds loop{i}");
            file!.Dispose();
        }
    }
}
