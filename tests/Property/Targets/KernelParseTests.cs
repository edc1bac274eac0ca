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

    [TestCase("12", 12u)]
    [TestCase("+12", 12u)]
    [TestCase("12\n", 12u)]
    [TestCase("4294967295", uint.MaxValue)]
    [TestCase("017", 17u)]
    [TestCase("0", 0u)]
    public void Kstrtouint_takes(string text, uint value) =>
        Assert.That((KernelParse.KstrToUInt(text, out uint read), read), Is.EqualTo((true, value)));

    [TestCase("")]
    [TestCase("+")]
    [TestCase("-1")]
    [TestCase(" 1")]
    [TestCase("1 ")]
    [TestCase("1\n\n")]
    [TestCase("0x1")]
    [TestCase("4294967296")]
    [TestCase("18446744073709551616")]
    [TestCase("99999999999999999999999")]
    public void Kstrtouint_refuses(string text) =>
        Assert.That(KernelParse.KstrToUInt(text, out _), Is.False);

    /// <summary>Any text in, an answer out; what both accept is the same number.</summary>
    [FsCheck.NUnit.Property(MaxTest = 2000)]
    public void No_text_makes_them_throw(FsCheck.NonNull<string> text)
    {
        bool scanned = KernelParse.U64(text.Get, KernelProfile.Linux73, out ulong a);
        bool parsed = KernelParse.KstrToULong(text.Get, out ulong b);
        KernelParse.U32(text.Get, KernelProfile.Linux73, out _);
        KernelParse.KstrToUInt(text.Get, out _);
        Assert.That(!scanned || !parsed || a == b);
    }
}
