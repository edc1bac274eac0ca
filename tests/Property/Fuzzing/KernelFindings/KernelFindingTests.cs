using System.Globalization;
using System.Text;
using DmSim.Abi;
using DmSim.Harness.Fuzzing.Campaign;
using DmSim.Harness.Fuzzing.Programs;
using DmSim.Harness.Operations;
using DmSim.Property.Architecture;
using NUnit.Framework;

namespace DmSim.Property.Fuzzing.KernelFindings;

/// <summary>What the fuzzer has found in kernels: a file each, to be replayed with "dmsim replay FILE --as-fuzzed".</summary>
internal sealed class KernelFindingTests
{
    private const string Folder = "tests/Property/Fuzzing/KernelFindings";

    private static IEnumerable<string> Files => In(Folder);

    /// <summary>What takes several operations that each alone do no harm is sent again, and reported once.</summary>
    private static IEnumerable<string> Sequences => In(Folder + "/Sequences");

    private static IEnumerable<string> In(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.ops").Select(file => Path.GetRelativePath(Repository.Root, file));

    [TestCaseSource(nameof(Files))]
    public void A_finding_can_be_replayed_and_is_not_sent_again(string file)
    {
        var load = Read(file).Operations.OfType<Operation.LoadTable>().Single();
        Assert.That(KernelHazards.Find(load, runs: true), Is.Not.Null, "KernelHazards has no rule for it");
        var request = DmRequest.Load(load.Device.Selector, load.Lines, load.ReadOnly);
        Assert.That(KernelHazards.Find(new Operation.RawIoctl(request.Number, ValueList.From(request.Buffer)), runs: true), Is.Not.Null, "nor for its bytes");
    }

    [TestCaseSource(nameof(Sequences))]
    public void A_sequence_is_run_as_the_fuzzer_ran_it(string file)
    {
        var program = FindingReplay.Program(Read(file), Text(file));
        Assert.That(program.Sequence.Operations, Has.Count.GreaterThan(1));
        Assert.That(Text(file).Split('\n'), Has.Some.EqualTo(FindingReplay.Mark(program.Hurried)));
    }

    [TestCase("0 8 snapshot 7:2 7:0 P 8|8 8 snapshot /dev/loop1 /dev/loop2 N 8", false, true, Description = "read as an origin, then written as a store")]
    [TestCase("0 8 snapshot 7:2 7:0 P 8|8 8 snapshot /dev/loop1 /dev/loop0 N 8", false, false, Description = "written both times")]
    [TestCase("0 8 snapshot 7:0 7:2 P 8|8 8 snapshot /dev/loop2 /dev/loop1 N 8", false, false, Description = "written, then read")]
    [TestCase("0 8 linear 7:0 0|8 8 snapshot-merge 7:0 7:2 P 8", true, true, Description = "read-only, and a merge writes")]
    [TestCase("0 8 linear 7:0 0|8 8 linear 7:0 8", true, false)]
    public void Lines_that_open_more_than_earlier_ones_are_not_sent(string table, bool isReadOnly, bool isHazard)
    {
        TableLine[] lines = [.. table.Split('|').Select(line => line.Split(' ', 4)).Select(words =>
            new TableLine(new Sectors(ulong.Parse(words[0], CultureInfo.InvariantCulture)), new Sectors(8), words[2], words[3]))];
        Assert.That(KernelHazards.Find(new Operation.LoadTable("d0", ValueList.From(lines), isReadOnly), runs: false)?.Name,
            Is.EqualTo(isHazard ? "opened-again-for-writing" : null));
    }

    private static OperationSequence Read(string file)
    {
        Assert.That(OperationSequence.TryParse(Text(file), out var sequence, out string error), error);
        return sequence!;
    }

    private static string Text(string file) => File.ReadAllText(Path.Combine(Repository.Root, file), Encoding.Latin1);
}
