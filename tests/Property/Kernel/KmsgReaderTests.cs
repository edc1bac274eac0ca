using System.Text;
using DmSim.Kernel.Local;
using NUnit.Framework;

namespace DmSim.Property.Kernel;

public sealed class KmsgReaderTests
{
    [TestCase("6,339,5140900,-;NET: Registered", 5140900)]
    [TestCase("30,340,5690716,-,caller=T1;text, with, commas", 5690716)]
    [TestCase("no record", 0)]
    public void The_time_of_a_record_is_its_third_number(string record, long microseconds) =>
        Assert.That(KmsgReader.TimeOf(Encoding.ASCII.GetBytes(record)), Is.EqualTo(TimeSpan.FromMicroseconds(microseconds)));
}
