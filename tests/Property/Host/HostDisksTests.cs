using DmSim.Abi;
using DmSim.Host;
using NUnit.Framework;

namespace DmSim.Property.Host;

/// <summary>Nothing is heard of the host's disks.</summary>
internal sealed class HostDisksTests
{
    private const string Info = """
        30 1 254:3 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw,discard
        31 30 0:5 / /dev rw,nosuid shared:2 - devtmpfs udev rw,size=1k
        32 31 0:6 / /dev/pts rw - devpts devpts rw,gid=5
        33 30 7:4 / /snap/core/1 ro shared:9 - squashfs /dev/loop4 ro
        34 30 0:22 / /proc rw - proc proc rw
        35 30 8:1 /home /home rw - btrfs /dev/sda1 rw
        40 30 0:39 /sys/block /sys/block rw - fuse dmsim rw,user_id=0,group_id=0,allow_other
        41 31 0:39 /dev /dev rw,nosuid,nodev - fuse dmsim rw,user_id=0,group_id=0,allow_other
        42 41 0:5 /null /dev/null rw - devtmpfs udev rw,size=1k
        43 41 0:6 / /dev/pts rw - devpts devpts rw,gid=5
        44 34 0:60 / /proc rw - proc proc rw
        45 44 0:39 /dev/.dmsim/proc/misc /proc/misc rw - fuse dmsim rw

        """;

    [Test]
    public void Of_mountinfo_the_disk_is_another_and_what_covers_is_what_is_seen() =>
        Assert.That(HostDisks.Rewrite(Info.ReplaceLineEndings("\n")), Is.EqualTo("""
            30 1 8:3 / / rw,relatime shared:1 - ext4 /dev/root rw,discard
            35 30 8:1 /home /home rw - btrfs /dev/root rw
            41 30 0:39 / /dev rw,nosuid,nodev - devtmpfs devtmpfs rw,mode=755
            43 41 0:6 / /dev/pts rw - devpts devpts rw,gid=5
            44 30 0:60 / /proc rw - proc proc rw

            """.ReplaceLineEndings("\n")));

    [Test]
    public void Of_mounts_likewise() =>
        Assert.That(HostDisks.Rewrite("/dev/dm-3 / ext4 rw 0 0\nudev /dev devtmpfs rw 0 0\ndmsim /dev fuse rw,allow_other 0 0\n/dev/loop4 /snap/core/1 squashfs ro 0 0\n"),
            Is.EqualTo("/dev/root / ext4 rw 0 0\ndevtmpfs /dev devtmpfs rw,relatime,mode=755 0 0\n"));

    [TestCase("/proc/self/mountinfo", "self/mountinfo")]
    [TestCase("/proc/self/mounts", "self/mounts")]
    [TestCase("/proc/mounts", "self/mounts")]
    [TestCase("/etc/mtab", "self/mounts")]
    [TestCase("/proc/12/mounts", "12/mounts")]
    [TestCase("/proc/thread-self/mountinfo", "thread-self/mountinfo")]
    [TestCase("/proc/self/mountstats", null)]
    [TestCase("/proc/self/mounts/x", null)]
    [TestCase("/proc/selfish/mounts", null)]
    [TestCase("/home/me/mounts", null)]
    [TestCase("", null)]
    public void Lists_of_mounts_are_known_by_their_paths(string path, string? file) => Assert.That(HostDisks.MountsFile(path), Is.EqualTo(file));

    [Test]
    public void A_disk_with_a_number_of_the_machine_s_devices_gets_another()
    {
        Assert.That(DeviceNumber.Decode(HostDisks.Renumber(DeviceNumber.Dm(3).Encode())), Is.EqualTo(new DeviceNumber(8, 3)));
        Assert.That(DeviceNumber.Decode(HostDisks.Renumber(DeviceNumber.Loop(4).Encode())), Is.EqualTo(new DeviceNumber(8, 4)));
        Assert.That(HostDisks.Renumber(new DeviceNumber(8, 1).Encode()), Is.EqualTo(new DeviceNumber(8, 1).Encode()));
        Assert.That(HostDisks.Renumber(new DeviceNumber(0, 39).Encode()), Is.EqualTo(new DeviceNumber(0, 39).Encode()));
    }
}
