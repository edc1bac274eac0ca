using DmSim.Kernel.Vm;
using NUnit.Framework;
using FsProperty = FsCheck.NUnit.PropertyAttribute;

namespace DmSim.Property.Kernel;

public sealed class KernelCatalogTests
{
    [TestCase("5.10", "linux-image-5.10.0-35-cloud-amd64", "5.10.0-35")]
    [TestCase("6.1", "linux-image-6.1.0-56-cloud-amd64", "6.1.0-56")]
    [TestCase("6.12", "linux-image-6.12.38+deb12-cloud-amd64", "6.12.38+deb12")]
    [TestCase("7.3", "linux-binary-7.3.4+deb13-cloud-amd64", "7.3.4+deb13")]
    public void A_package_belongs_to_its_tag_and_to_no_other(string tag, string package, string release)
    {
        Assert.That(KernelCatalog.Find(tag).Match(package), Is.EqualTo(release));
        Assert.That(KernelCatalog.All.Where(k => k.Match(package) is not null).Select(k => k.Tag), Is.EqualTo((string[])[tag]));
    }

    [TestCase("linux-image-6.1.0-56-amd64")]
    [TestCase("linux-image-6.1.0-56-cloud-amd64-dbg")]
    [TestCase("linux-image-6.1.0-56-cloud-amd64-unsigned")]
    [TestCase("linux-image-6.1.0-56-rt-amd64")]
    [TestCase("linux-headers-6.1.0-56-cloud-amd64")]
    [TestCase("linux-image-6x1.0-56-cloud-amd64")]
    public void Other_flavours_are_passed_over(string package) =>
        Assert.That(KernelCatalog.All.Select(k => k.Match(package)), Is.All.Null);

    [Test]
    public void The_default_is_one_of_them() => Assert.That(KernelCatalog.Find(KernelCatalog.DefaultTag).Tag, Is.EqualTo(KernelCatalog.DefaultTag));

    [Test]
    public void The_newest_is_found_by_number_not_by_letter() =>
        Assert.That(((string[])["6.1.0-9", "6.1.0-56", "6.1.0-10"]).Max(NumericOrder.Instance), Is.EqualTo("6.1.0-56"));

    [FsProperty(MaxTest = 500)]
    public bool Names_have_one_order_whatever_is_in_them(string? a, string? b) =>
        Math.Sign(NumericOrder.Instance.Compare(a, b)) == -Math.Sign(NumericOrder.Instance.Compare(b, a)) && NumericOrder.Instance.Compare(a, a) == 0;

    [FsProperty(MaxTest = 1000)]
    public bool Any_bytes_are_a_boot_image_or_not(byte[] bytes, ushort place)
    {
        byte[] head = new byte[0x220 + bytes.Length];
        "HdrS"u8.CopyTo(head.AsSpan(0x202));
        head[0x20e] = (byte)place;
        head[0x20f] = (byte)(place >> 8);
        bytes.CopyTo(head, 0x220);
        return KernelImage.ReadRelease(bytes) is null && KernelImage.ReadRelease(head) is not "";
    }
}
