using System.Text;
using DmSim.Kernel.Vm;
using NUnit.Framework;

namespace DmSim.Property.Kernel;

public sealed class ScriptLinkTests
{
    [Test]
    public void A_request_says_how_long_each_script_is() =>
        Assert.That(Encoding.UTF8.GetString(ScriptLink.Requests([new("a b.sh", "exit 1"u8.ToArray()), new("empty", [])])),
            Is.EqualTo("6 a b.sh\nexit 10 empty\nend\n"));

    [TestCase("status 0", 0)]
    [TestCase("status 139", 139)]
    [TestCase("status", null)]
    [TestCase("status x", null)]
    [TestCase("ready", null)]
    public void A_status_is_a_line_of_its_own_kind(string line, int? status) => Assert.That(ScriptLink.TryStatus(line), Is.EqualTo(status));
}
