using System.Text.Json.Nodes;
using System.Xml.Linq;
using DmSim.Harness.Matrix;
using DmSim.Harness.Outcomes;
using DmSim.Model.Profiles;
using NUnit.Framework;
using static DmSim.Property.Harness.Matrix.MatrixScene;

namespace DmSim.Property.Harness.Matrix;

[TestFixture]
public sealed class MatrixReportTests
{
    private static Task<MatrixSummary> SummaryAsync() => RunAsync(
        [Column(KernelProfile.Linux61), Column(KernelProfile.Linux612, shows: KernelProfile.Linux61), Column("later", Column(KernelProfile.Linux612).Kernel, null)],
        "create name=control\n", "create name=a<b&c\u0001\nremove name=a<b&c\u0001\n");

    [Test]
    public async Task The_table_has_an_operation_a_row_and_a_machine_a_column()
    {
        var table = MatrixTable.Of(await SummaryAsync());
        Assert.That(table.Columns, Is.EqualTo((string[])["model 6.1", "model 6.12", "6.12->later"]));
        Assert.That(table.Rows.Select(r => r.Verb), Is.EqualTo((string[])["create", "end", "remove", "setup"]));
        Assert.That(table.Rows[0].Cells.Select(c => c.Text), Is.EqualTo((string[])["=", "operation/errno", "operation/errno +1"]));
    }

    [Test]
    public async Task The_report_says_what_was_found_and_how_much_of_it()
    {
        var summary = await SummaryAsync();
        string report = MatrixReport.Write(summary, new MatrixVerdict(summary, null));
        Assert.That(report, Does.Contain("later  kernel 6.12 (no profile: compared with kernels only)"));
        Assert.That(report, Does.Contain("model wrong under 6.12: model 6.12 create/operation/errno EINVAL->ok\n  1 cases, first in case 0, 1 operations\n"));
        Assert.That(report, Does.Contain("new since later: 6.12->later create/operation/errno ok->EINVAL\n"));
        Assert.That(report, Does.Contain("2 cases, 7 steps on 3 kernels"));
    }

    [Test]
    public async Task A_page_needs_nothing_else_and_takes_any_text()
    {
        var summary = await SummaryAsync();
        string page = MatrixHtml.Write(summary, new MatrixVerdict(summary, []));
        Assert.That(page, Does.Contain("<th>6.12-&gt;later</th>").And.Contains("class=\"new\""));
        Assert.That(page, Does.Not.Contain("http").And.Not.Contains("<b&c"));
    }

    [Test]
    public async Task JUnit_has_a_suite_a_kernel_and_fails_where_a_model_is_wrong()
    {
        var summary = await SummaryAsync();
        var xml = XDocument.Parse(MatrixJUnit.Write(summary, new MatrixVerdict(summary, null)));
        Assert.That(xml.Root!.Elements("testsuite").Select(s => ((string?)s.Attribute("name"), (int)s.Attribute("tests")!, (int)s.Attribute("failures")!)),
            Is.EqualTo((ValueTuple<string?, int, int>[])[("6.1", 4, 0), ("6.12", 4, 1), ("later", 4, 0)]));
        var against = XDocument.Parse(MatrixJUnit.Write(summary, new MatrixVerdict(summary, [])));
        Assert.That((int)against.Root!.Elements().Last().Attribute("failures")!, Is.EqualTo(1));
    }

    [Test]
    public async Task Json_names_every_finding()
    {
        var summary = await SummaryAsync();
        var json = JsonNode.Parse(MatrixJson.Write(summary, new MatrixVerdict(summary, null)))!;
        Assert.That(json["findings"]!.AsArray().Select(f => (string?)f!["signature"]), Is.EqualTo(summary.Findings.Select(g => g.Signature)));
        Assert.That((bool)json["good"]!, Is.False);
    }

    [TestCase(Field.Errno, null, "EIO", "ok->EIO")]
    [TestCase(Field.Flags, "A|B", "B|C", "-A +C")]
    [TestCase(Field.Limits, "discard-max=1 io-min=8", "discard-max=2 io-min=8", "discard-max")]
    [TestCase(Field.Log, "<3>dm: loop3: bad 7", "<4>dm: loop9: bad 8", "-<3>dm: loopN: bad N +<4>dm: loopN: bad N")]
    [TestCase(Field.Log, "<3>a 1", "<3>a 2", "(numbers or order)")]
    [TestCase(Field.Table, "0 8 linear 7:0 0", "0 8 linear 7:0 1", "linear")]
    [TestCase(Field.Data, "1", "2", "")]
    public void A_detail_is_the_same_in_every_case_of_its_kind(Field field, string? older, string? newer, string detail) =>
        Assert.That(DifferenceDetail.Of(field, older, newer), Is.EqualTo(detail));
}
