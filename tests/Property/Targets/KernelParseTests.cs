using DmSim.Model.Profiles;
using DmSim.Model.Targets;
using NUnit.Framework;

namespace DmSim.Property.Targets;

/// <summary>Numbers as target constructors read them.</summary>
public sealed class KernelParseTests
{
    [TestCase("0", 0ul)]
    [TestCase("007", 7ul)]
    [TestCase(" \t5", 5ul)]
    [TestCase("\u00a05", 5ul, Description = "the no-break space is a blank")]
    [TestCase("18446744073709551615", ulong.MaxValue)]
    public void Sscanf_takes(string text, ulong value)
    {
        foreach (var profile in KernelProfile.All)
            Assert.That((KernelParse.U64(text, profile, out ulong read), read), Is.EqualTo((true, value)));
    }

    [TestCase("18446744073709551616", 0ul, ulong.MaxValue)]
    [TestCase("18446744073709551621", 5ul, ulong.MaxValue)]
    [TestCase("184467440737095516210", 50ul, ulong.MaxValue)]
    public void Past_64_bits_sscanf_wraps_or_stays_the_largest(string text, ulong wrapped, ulong saturated)
    {
        Assert.That((KernelParse.U64(text, KernelProfile.Linux612, out ulong read), read), Is.EqualTo((true, wrapped)));
        Assert.That((KernelParse.U64(text, KernelProfile.Linux73, out read), read), Is.EqualTo((true, saturated)));
        Assert.That((KernelParse.U32(text, KernelProfile.Linux73, out uint cut), cut), Is.EqualTo((true, uint.MaxValue)));
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("+1")]
    [TestCase("-1")]
    [TestCase("1 ")]
    [TestCase("1\n")]
    [TestCase("0x1")]
    public void Sscanf_refuses(string text) => Assert.That(KernelParse.U64(text, KernelProfile.Linux61, out _), Is.False);

    [Test]
    public void Sscanf_of_an_unsigned_int_cuts() =>
        Assert.That((KernelParse.U32("4294967301", KernelProfile.Linux61, out uint read), read), Is.EqualTo((true, 5u)));

    [TestCase("12", 10u, 12u)]
    [TestCase("+12", 10u, 12u)]
    [TestCase("12\n", 10u, 12u)]
    [TestCase("4294967295", 10u, uint.MaxValue)]
    [TestCase("0x1f", 0u, 31u)]
    [TestCase("017", 0u, 15u)]
    [TestCase("0", 0u, 0u)]
    [TestCase("0X1F", 16u, 31u)]
    [TestCase("1f", 16u, 31u)]
    public void Kstrtouint_takes(string text, uint radix, uint value) =>
        Assert.That((KernelParse.KstrToUInt(text, radix, out uint read), read), Is.EqualTo((true, value)));

    [TestCase("", 10u)]
    [TestCase("+", 10u)]
    [TestCase("-1", 10u)]
    [TestCase(" 1", 10u)]
    [TestCase("1 ", 10u)]
    [TestCase("1\n\n", 10u)]
    [TestCase("0x1", 10u)]
    [TestCase("0x", 0u)]
    [TestCase("08", 0u)]
    [TestCase("4294967296", 10u)]
    [TestCase("18446744073709551616", 10u)]
    [TestCase("99999999999999999999999", 10u)]
    public void Kstrtouint_refuses(string text, uint radix) =>
        Assert.That(KernelParse.KstrToUInt(text, radix, out _), Is.False);

    /// <summary>Any text in, an answer out; what both accept is the same number.</summary>
    [FsCheck.NUnit.Property(MaxTest = 2000)]
    public void No_text_makes_them_throw(FsCheck.NonNull<string> text)
    {
        bool scanned = KernelParse.U64(text.Get, KernelProfile.Linux73, out ulong a);
        bool parsed = KernelParse.KstrToULong(text.Get, 10, out ulong b);
        KernelParse.U32(text.Get, KernelProfile.Linux73, out _);
        KernelParse.KstrToUInt(text.Get, 0, out _);
        KernelParse.KstrToUInt(text.Get, 16, out _);
        Assert.That(!scanned || !parsed || a == b);
    }
}
