using DmSim.Abi;
using DmSim.Model.Machine;
using DmSim.Property.Targets;
using NUnit.Framework;

namespace DmSim.Property.PageCache;

/// <summary>
/// Buffered I/O: when it reaches the device, who sees what before, and who hears of what was lost. The scripts stat-*, error-*, sync-forms
/// and cache-stale compare the same with a kernel.
/// </summary>
internal sealed class PageCacheTests
{
    private TestMachine _test = null!;

    [SetUp]
    public void Fresh() => _test = new TestMachine(2048);

    private ModelMachine Machine => _test.Machine;

    private IDeviceNode Open(DeviceNumber device, OpenMode mode = OpenMode.ReadWrite)
    {
        Assert.That(Machine.OpenNode(device, mode, out var handle), Is.EqualTo(Errno.None));
        return handle!;
    }

    private static void Write(IDeviceNode node, ulong offset, params byte[] bytes) =>
        Assert.That(TestMachine.Now(node.WriteCachedAsync(offset, bytes)), Is.EqualTo(IoResult.Ok(bytes.Length)));

    private static byte[] Read(IDeviceNode node, ulong offset, int count)
    {
        byte[] bytes = new byte[count];
        Assert.That(TestMachine.Now(node.ReadCachedAsync(offset, bytes)), Is.EqualTo(IoResult.Ok(count)));
        return bytes;
    }

    private string[] Stat(DeviceNumber device) =>
        Machine.BlockDevices.Single(info => info.Number == device).ReadAttribute("stat")!.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private string Written(DeviceNumber device) => Stat(device)[4];

    private DeviceNumber Linear() => _test.Create("l", "0 2048 linear 7:0 0");

    [Test]
    public void What_is_written_reaches_the_device_when_the_last_one_closes_it()
    {
        var device = Linear();
        var first = Open(device);
        var second = Open(device);
        Write(first, 0, 1, 2, 3);
        first.Dispose();
        Assert.That(Written(device), Is.EqualTo("0"), "somebody still has it open");
        second.Dispose();
        Assert.That(Written(device), Is.EqualTo("1"));
    }

    [Test]
    public void It_is_written_after_five_seconds_by_itself()
    {
        var device = Linear();
        using var node = Open(device);
        Write(node, 0, 1);
        TestMachine.Now(Machine.Clock.AdvanceUntilAsync(new TaskCompletionSource().Task, TimeSpan.FromSeconds(4)));
        Assert.That(Written(device), Is.EqualTo("0"));
        TestMachine.Now(Machine.Clock.AdvanceUntilAsync(new TaskCompletionSource().Task, TimeSpan.FromSeconds(6)));
        Assert.That(Written(device), Is.EqualTo("1"));
    }

    [Test]
    public void Direct_reading_writes_back_first_and_sees_it()
    {
        using var node = Open(Linear());
        Write(node, 100, 42);
        byte[] sector = new byte[512];
        Assert.That(TestMachine.Now(node.ReadAsync(0, sector)), Is.EqualTo(IoResult.Ok(512)));
        Assert.That(sector[100], Is.EqualTo(42));
    }

    [Test]
    public void Direct_writing_drops_what_it_overwrites()
    {
        using var node = Open(Linear());
        Write(node, 0, 1);
        byte[] sector = new byte[512];
        sector[0] = 2;
        Assert.That(TestMachine.Now(node.WriteAsync(0, sector)), Is.EqualTo(IoResult.Ok(512)));
        Assert.That(Read(node, 0, 1), Is.EqualTo(new byte[] { 2 }));
    }

    [Test]
    public void A_device_does_not_see_what_is_written_below_while_its_pages_are_in_memory()
    {
        using var upper = Open(Linear());
        using var lower = Open(DeviceNumber.Loop(0));
        Assert.That(Read(upper, 0, 1), Is.EqualTo(new byte[] { 0 }));
        Write(lower, 0, 9);
        Assert.That(TestMachine.Now(lower.FlushAsync()), Is.EqualTo(Errno.None));
        Assert.That(Read(upper, 0, 1), Is.EqualTo(new byte[] { 0 }));
        Assert.That(TestMachine.Now(upper.IoctlAsync((uint)BlockIoctl.BLKFLSBUF, 0, default, null)), Is.EqualTo(Errno.None));
        Assert.That(Read(upper, 0, 1), Is.EqualTo(new byte[] { 9 }));
    }

    /// <summary>errseq_t: once for each file, and for one that is opened before anybody has heard.</summary>
    [Test]
    public void A_lost_page_is_heard_of_once_by_each_file()
    {
        var device = _test.Create("e", "0 8 error");
        using var early = Open(device);
        using var writer = Open(device);
        byte[] page = new byte[4096];
        Assert.That(TestMachine.Now(writer.WriteCachedAsync(0, page)), Is.EqualTo(IoResult.Ok(4096)));
        Assert.That(TestMachine.Now(writer.FlushAsync()), Is.EqualTo(Errno.EIO));
        Assert.That(TestMachine.Now(writer.FlushAsync()), Is.EqualTo(Errno.None));
        Assert.That(TestMachine.Now(early.FlushAsync()), Is.EqualTo(Errno.EIO));
        using var late = Open(device);
        Assert.That(TestMachine.Now(late.FlushAsync()), Is.EqualTo(Errno.None));
        Assert.That(_test.Log(), Is.EqualTo(new[] { "Buffer I/O error on dev dm-0, logical block 0, lost async page write" }));
    }

    /// <summary>truncate_inode_pages_range: mkfs zeroes ranges that are no whole pages, and what lies beside them is still to be written.</summary>
    [Test]
    public void Zeroing_a_part_of_a_page_keeps_what_is_dirty_beside_it()
    {
        using var node = Open(Linear());
        Assert.That(TestMachine.Now(node.IoctlAsync((uint)BlockIoctl.BLKBSZSET, 0, BitConverter.GetBytes(1024), null)), Is.EqualTo(Errno.None));
        byte[] page = new byte[4096];
        page.AsSpan().Fill(7);
        Write(node, 0, page);
        Assert.That(TestMachine.Now(node.ZeroOutAsync(1024, 1024)), Is.EqualTo(Errno.None));
        Assert.That(TestMachine.Now(node.FlushAsync()), Is.EqualTo(Errno.None));
        byte[] found = new byte[4096];
        Assert.That(TestMachine.Now(node.ReadAsync(0, found)), Is.EqualTo(IoResult.Ok(4096)));
        page.AsSpan(1024, 1024).Clear();
        Assert.That(found, Is.EqualTo(page));
    }

    /// <summary>A write to a suspended device is done once its page is in memory; who wants it on the device waits.</summary>
    [Test]
    public void Writing_to_a_suspended_device_returns_and_syncing_waits()
    {
        var device = Linear();
        using var node = Open(device);
        Read(node, 0, 1);
        _test.Suspend("l");
        Write(node, 0, 5);
        var sync = node.FlushAsync();
        Assert.That(sync.IsCompleted, Is.False);
        _test.Resume("l");
        Assert.That(TestMachine.Now(sync), Is.EqualTo(Errno.None));
    }

    [Test]
    public void Reading_on_reads_ahead_and_reading_about_does_not()
    {
        var device = Linear();
        using var node = Open(device);
        Read(node, 0, 4096);
        Assert.That(Stat(device)[..3], Is.EqualTo(new[] { "1", "0", "32" }), "the first read takes four pages");
        Read(node, 400 * 1024, 4096);
        Assert.That(Stat(device)[..3], Is.EqualTo(new[] { "2", "0", "40" }), "a read elsewhere takes its own");
    }

    /// <summary>loop_validate_file and lo_ioctl with a device in the place of a file.</summary>
    [Test]
    public void A_loop_device_can_lie_on_a_device_and_not_on_itself()
    {
        var device = Linear();
        using var loop = Open(DeviceNumber.Loop(1));
        using var lower = Open(DeviceNumber.Loop(0));
        Assert.That(TestMachine.Now(loop.IoctlAsync((uint)BlockIoctl.LOOP_SET_FD, 0, default, new NodeFile(device))), Is.EqualTo(Errno.None));
        Assert.That(TestMachine.Now(lower.IoctlAsync((uint)BlockIoctl.LOOP_CHANGE_FD, 0, default, new NodeFile(DeviceNumber.Loop(0)))), Is.EqualTo(Errno.EINVAL));
        Write(loop, 512, 3);
        Assert.That(TestMachine.Now(loop.FlushAsync()), Is.EqualTo(Errno.None));
        byte[] sector = new byte[512];
        Assert.That(TestMachine.Now(lower.ReadAsync(512, sector)), Is.EqualTo(IoResult.Ok(512)));
        Assert.That(sector[0], Is.EqualTo(3));
    }

    private sealed class NodeFile(DeviceNumber node) : IBackingFile
    {
        public string Path => "/dev/node";
        public ulong Device => 5;
        public ulong Inode => 1;
        public bool IsRegular => false;
        public bool IsWritable => true;
        public DeviceNumber? Node => node;
        public ulong Length => 0;
        public IoResult Read(ulong offset, Span<byte> data) => IoResult.Failed(Errno.EIO);
        public Errno Write(ulong offset, ReadOnlySpan<byte> data) => Errno.EIO;
        public Errno PunchHole(ulong offset, ulong length) => Errno.EIO;
        public void Dispose() { }
    }
}
