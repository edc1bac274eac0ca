using DmSim.Harness.Operations;
using DmSim.Harness.Scripts;
using NUnit.Framework;

namespace DmSim.Integration.Verbs;

/// <summary>A sequence as a script, run where its report says that it can be: on the simulated machine and in the VM.</summary>
[Category("kernel")]
internal sealed class ExportedScriptTests
{
    /// <summary>Everything that a script needs a device's node or perl for.</summary>
    private const string Sequence = """
        setup loop-attach index=0 size=256s
        setup loop-attach index=1 size=8s
        create name=d0
        load name=d0 line="0 64 linear 7:0 8"
        resume name=d0
        open handle=1 dev=7:1 mode=r,excl
        close handle=1
        write name=d0 off=0s len=3s seed=5
        read name=d0 off=0s len=3s
        discard name=d0 off=0s len=2s
        zero-out dev=7:0 off=9s len=1s
        read dev=7:0 off=8s len=3s
        ioctl request=0xc138fd00 bytes=04*1,00*311,
        remove name=d0
        """;

    [Test]
    public void It_says_the_same_on_the_simulated_machine_and_in_the_vm()
    {
        HostedShell.Require();
        Dmsim.RequireVm();
        Assert.That(OperationSequence.TryParse(Sequence, out var sequence, out string problem), Is.True, problem);
        using var folder = new ScratchFolder();
        string script = folder.Write("exported.sh", ScriptExport.Write(sequence!, "everything that needs a node"));
        var (status, output, errors) = Dmsim.Run(null, "diff", script);
        Assert.That((status, output + errors), Is.EqualTo((0, "")));
        var (_, simulated) = HostedShell.Run(File.ReadAllText(script));
        Assert.That(simulated, Does.Not.Contain("not permitted").And.Not.Contain("not found").And.Contain("write name=d0 off=0s len=3s seed=5"));
    }
}
