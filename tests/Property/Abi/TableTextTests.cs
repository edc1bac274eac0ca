using DmSim.Abi;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using FsProperty = FsCheck.NUnit.PropertyAttribute;

namespace DmSim.Property.Abi;

/// <summary>Tables as dmsetup reads and prints them.</summary>
public sealed class TableTextTests
{
    private static TableLine Line(ulong start, ulong length, string type, string parameters) =>
        new(new Sectors(start), new Sectors(length), type, parameters);

    [Test]
    public void Comments_blank_lines_and_blanks_around_words_do_not_matter()
    {
        const string text = """
            # two halves
            0 8   linear  7:0 0

              8 16	striped 2 8 7:0 0  7:1 0   # fast

            """;
        Assert.That(TableText.TryParse(text, out var lines, out _), Is.True);
        Assert.That(lines, Is.EqualTo([Line(0, 8, "linear", "7:0 0"), Line(8, 16, "striped", "2 8 7:0 0  7:1 0   ")]));
    }

    [Test]
    public void Numbers_are_what_scanf_takes_them_for()
    {
        Assert.That(TableText.TryParse("-1 99999999999999999999zero", out var lines, out _), Is.True);
        Assert.That(lines, Is.EqualTo([Line(ulong.MaxValue, ulong.MaxValue, "zero", "")]));
    }

    [TestCase("x 8 zero", "line 1: no start sector")]
    [TestCase("0 zero", "line 1: no length")]
    [TestCase("0 8 zero\n\n8 8", "line 3: no target type")]
    [TestCase("0 - zero", "line 1: no length")]
    public void What_is_no_line_is_refused_with_its_number(string text, string reason)
    {
        Assert.That(TableText.TryParse(text, out _, out string why), Is.False);
        Assert.That(why, Is.EqualTo(reason));
    }

    [Test]
    public void A_table_prints_as_dmsetup_prints_it() =>
        Assert.That(TableText.Print([Line(0, 8, "linear", "7:0 0"), Line(8, 8, "zero", "")]), Is.EqualTo("0 8 linear 7:0 0\n8 8 zero \n"));

    [FsProperty(MaxTest = 500, Arbitrary = new[] { typeof(PayloadArbitraries) })]
    public bool A_printed_table_is_read_back(TableLine[] lines)
    {
        var plain = lines.Select(line => line with
        {
            Type = "t" + Word(line.Type),
            Parameters = string.Join(' ', line.Parameters.Split(' ').Select(Word).Where(word => word.Length > 0)),
        }).ToArray();
        return TableText.TryParse(TableText.Print(plain), out var read, out _) && read.SequenceEqual(plain);

        static string Word(string text) => new([.. text.Where(c => c > ' ' && c != '#')]);
    }

    [FsProperty(MaxTest = 2000)]
    public bool Any_text_is_read_or_refused_with_a_reason(string? text) =>
        TableText.TryParse(text ?? "", out _, out string reason) == (reason.Length == 0);
}
