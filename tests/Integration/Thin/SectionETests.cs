using DmSim.Integration.Transcripts;
using NUnit.Framework;

namespace DmSim.Integration.Thin;

/// <summary>
/// The scenarios of tests/Property/Thin/SectionE on a real kernel, all in one boot: it answers as the files say, which the model
/// does too.
/// </summary>
[Category("kernel")]
public sealed class SectionETests
{
    private KernelTranscripts _kernel = null!;

    private static IEnumerable<TestCaseData> Scenarios() => KernelTranscripts.Scenarios("Thin/SectionE", "*.txt");

    [OneTimeSetUp]
    public void Play_all_of_them() => _kernel = KernelTranscripts.Play(KernelTranscripts.Find("Thin/SectionE", "*.txt"));

    [TestCaseSource(nameof(Scenarios))]
    public void On_the_kernel(string path) => Assert.That(_kernel.Of(path), Is.EqualTo(File.ReadAllText(path)));
}
