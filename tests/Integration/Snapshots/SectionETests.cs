using DmSim.Integration.Transcripts;
using NUnit.Framework;

namespace DmSim.Integration.Snapshots;

/// <summary>
/// The numbered scenarios of tests/Property/Snapshots/Transcripts on a real kernel: it answers as the files say, which the model
/// does too.
/// </summary>
[Category("kernel")]
public sealed class SectionETests
{
    private KernelTranscripts _kernel = null!;

    private static IEnumerable<TestCaseData> Scenarios() => KernelTranscripts.Scenarios("Snapshots/Transcripts", "E*.txt");

    [OneTimeSetUp]
    public void Play_all_of_them() => _kernel = KernelTranscripts.Play(KernelTranscripts.Find("Snapshots/Transcripts", "E*.txt"));

    [TestCaseSource(nameof(Scenarios))]
    public void On_the_kernel(string path) => Assert.That(_kernel.Of(path), Is.EqualTo(File.ReadAllText(path)));
}
