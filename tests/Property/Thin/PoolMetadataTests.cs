using System.Buffers.Binary;
using DmSim.Abi;
using DmSim.Model.PersistentData;
using DmSim.Model.Thin;
using DmSim.Property.PersistentData;
using NUnit.Framework;

namespace DmSim.Property.Thin;

[TestFixture]
public class PoolMetadataTests
{
    private static readonly Sectors BlockSize = new(128);

    private MemoryStore _store = null!;
    private RecordingLog _log = null!;

    [SetUp]
    public void SetUp()
    {
        _store = new MemoryStore(512);
        _log = new RecordingLog();
    }

    private Errno TryOpen(out PoolMetadata metadata, Sectors? blockSize = null, bool format = true) =>
        PoolMetadata.Open(_store, _log, blockSize ?? BlockSize, format, out metadata);

    private PoolMetadata Open()
    {
        Assert.That(TryOpen(out var metadata), Is.EqualTo(Errno.None), string.Join("; ", _log.Lines));
        return metadata;
    }

    /// <summary>Open metadata with room for data and thin device 1, committed.</summary>
    private PoolMetadata OpenWithThin(ulong dataBlocks = 100)
    {
        var metadata = Open();
        Must(metadata.ResizeDataDevice(new DataBlock(dataBlocks)));
        Must(metadata.CreateThin(new ThinId(1)));
        Must(metadata.Commit());
        return metadata;
    }

    private static void Must(Errno errno) => Assert.That(errno, Is.EqualTo(Errno.None));

    private static ThinDeviceMetadata Device(PoolMetadata metadata, ulong id)
    {
        Must(metadata.OpenDevice(new ThinId(id), out var device));
        return device;
    }

    private static DataBlock Map(PoolMetadata metadata, ThinDeviceMetadata device, ulong block)
    {
        Must(metadata.AllocateDataBlock(out var data));
        Must(metadata.InsertBlock(device, new VirtualBlock(block), data));
        return data;
    }

    private static ulong FreeData(PoolMetadata metadata)
    {
        Must(metadata.GetFreeDataBlocks(out var free));
        return free.Value;
    }

    [Test]
    public void A_device_of_zeroes_is_formatted_or_refused()
    {
        Assert.That(TryOpen(out _, format: false), Is.EqualTo(Errno.EPERM));
        Assert.That(_store.Image, Is.All.Zero);
        Must(Open().Close());
        Must(TryOpen(out _, format: false));
    }

    [Test]
    public void Four_blocks_are_too_few_for_metadata()
    {
        _store = new MemoryStore(4);
        Assert.That(TryOpen(out _), Is.EqualTo(Errno.ENOSPC));
        Assert.That(_log.Lines, Is.EqualTo(new[]
        {
            "space map metadata: unable to allocate new metadata block",
            "thin metadata: sm_disk_create failed",
        }));
    }

    [Test]
    public void The_data_block_size_must_be_that_of_the_superblock()
    {
        Must(Open().Close());
        Assert.That(TryOpen(out _, new Sectors(256)), Is.EqualTo(Errno.EINVAL));
        Assert.That(_log.Lines, Is.EqualTo(new[]
        {
            "thin metadata: changing the data block size (from 128 to 256) is not supported",
        }));
    }

    [Test]
    public void A_foreign_first_block_is_no_superblock()
    {
        _store.Block(0)[3000] = 1;
        Assert.That(TryOpen(out _), Is.EqualTo(Errno.EILSEQ));
        Assert.That(_log.Lines, Is.EqualTo(new[]
        {
            "thin metadata: sb_check failed: magic 0: wanted 27022010",
            "block manager: superblock validator check failed for block 0",
            "thin metadata: couldn't read superblock",
        }));
    }

    [Test]
    public void A_pool_that_is_not_used_writes_nothing()
    {
        Must(Open().Close());
        byte[] formatted = _store.Image;
        _store.RecordCalls = true;
        var metadata = Open();
        Must(metadata.Commit());
        Must(metadata.Close());
        Assert.That(_store.Calls, Is.Empty);
        Assert.That(_store.Image, Is.EqualTo(formatted));
    }

    [Test]
    public void The_superblock_is_written_behind_a_flush_and_flushed_itself()
    {
        var metadata = OpenWithThin();
        Map(metadata, Device(metadata, 1), 7);
        _store.RecordCalls = true;
        Must(metadata.Commit());
        Assert.That(_store.Calls.TakeLast(3), Is.EqualTo(new[] { "flush", "write 0", "flush" }));
        Assert.That(_store.Calls.SkipLast(3), Has.None.EqualTo("flush").And.None.EqualTo("write 0"));
    }

    [Test]
    public void Ids_are_refused_twice_and_missing_ones_are_not_found()
    {
        var metadata = OpenWithThin();
        Assert.That(metadata.CreateThin(new ThinId(1)), Is.EqualTo(Errno.EEXIST));
        Assert.That(metadata.CreateSnap(new ThinId(1), new ThinId(1)), Is.EqualTo(Errno.EEXIST));
        Assert.That(metadata.CreateSnap(new ThinId(2), new ThinId(9)), Is.EqualTo(Errno.ENODATA));
        Assert.That(metadata.DeleteDevice(new ThinId(9)), Is.EqualTo(Errno.ENODATA));
        Assert.That(metadata.OpenDevice(new ThinId(9), out _), Is.EqualTo(Errno.ENODATA));
    }

    [Test]
    public void An_open_device_is_not_deleted_and_its_pool_not_closed()
    {
        var metadata = OpenWithThin();
        var device = Device(metadata, 1);
        Assert.That(metadata.DeleteDevice(new ThinId(1)), Is.EqualTo(Errno.EBUSY));
        Assert.That(metadata.Close(), Is.EqualTo(Errno.EBUSY));
        Assert.That(_log.TakeNew(), Is.EqualTo(new[] { "thin metadata: attempt to close pmd when 1 device(s) are still open" }));
        metadata.CloseDevice(device);
        Must(metadata.DeleteDevice(new ThinId(1)));
        Must(metadata.Close());
    }

    [Test]
    public void A_deleted_device_frees_its_blocks_with_the_commit()
    {
        var metadata = OpenWithThin();
        var device = Device(metadata, 1);
        for (ulong block = 0; block < 60; block++)
            Map(metadata, device, block);
        metadata.CloseDevice(device);
        Must(metadata.Commit());
        Assert.That(FreeData(metadata), Is.EqualTo(40));
        Must(metadata.DeleteDevice(new ThinId(1)));
        Must(metadata.Commit());
        Assert.That(FreeData(metadata), Is.EqualTo(100));
    }

    [Test]
    public void What_was_there_before_a_snapshot_is_shared_on_both_sides_until_it_is_put_elsewhere()
    {
        var metadata = OpenWithThin();
        var origin = Device(metadata, 1);
        var old = Map(metadata, origin, 3);
        Must(metadata.CreateSnap(new ThinId(2), new ThinId(1)));
        var snap = Device(metadata, 2);
        Must(metadata.FindBlock(origin, new VirtualBlock(3), true, out var inOrigin));
        Must(metadata.FindBlock(snap, new VirtualBlock(3), true, out var inSnap));
        Assert.That(inOrigin, Is.EqualTo(new ThinLookup(old, true)));
        Assert.That(inSnap, Is.EqualTo(inOrigin));
        Must(metadata.IsShared(old, out bool sharedBefore));

        var copy = Map(metadata, origin, 3);
        Must(metadata.FindBlock(origin, new VirtualBlock(3), true, out inOrigin));
        Must(metadata.FindBlock(snap, new VirtualBlock(3), true, out inSnap));
        Assert.That(inOrigin, Is.EqualTo(new ThinLookup(copy, false)));
        // By the times the snapshot's block may still be shared; by the counts it is not.
        Assert.That(inSnap, Is.EqualTo(new ThinLookup(old, true)));
        Must(metadata.IsShared(old, out bool sharedAfter));
        Assert.That((sharedBefore, sharedAfter), Is.EqualTo((false, false)));
    }

    [Test]
    public void Counts_of_mapped_blocks_and_the_highest_one_follow_inserts_and_removals()
    {
        var metadata = OpenWithThin();
        var device = Device(metadata, 1);
        Must(metadata.GetHighestMappedBlock(device, out var highest));
        Assert.That(highest, Is.Null);
        foreach (ulong block in new ulong[] { 4, 5, 6, 90, 5 })
            Map(metadata, device, block);
        Must(metadata.RemoveRange(device, new VirtualBlock(5), new VirtualBlock(50)));
        Must(metadata.GetMappedCount(device, out ulong mapped));
        Must(metadata.GetHighestMappedBlock(device, out highest));
        Assert.That((mapped, highest), Is.EqualTo((2UL, new VirtualBlock(90))));
        Assert.That(metadata.FindBlock(device, new VirtualBlock(6), true, out _), Is.EqualTo(Errno.ENODATA));
    }

    [Test]
    public void A_mapped_range_ends_where_data_blocks_do_not_follow_each_other()
    {
        var metadata = OpenWithThin();
        var device = Device(metadata, 1);
        foreach (ulong block in new ulong[] { 10, 11, 13, 12 })
            Map(metadata, device, block);
        Must(metadata.FindMappedRange(device, new VirtualBlock(0), new VirtualBlock(100), out var range));
        Assert.That(range, Is.EqualTo(new MappedRange(new(10), new(12), new(0), false)));
        Must(metadata.FindMappedRange(device, new VirtualBlock(12), new VirtualBlock(100), out range));
        Assert.That(range, Is.EqualTo(new MappedRange(new(12), new(13), new(3), false)));
        Assert.That(metadata.FindMappedRange(device, new VirtualBlock(14), new VirtualBlock(100), out _), Is.EqualTo(Errno.ENODATA));
        Assert.That(metadata.FindMappedRange(device, new VirtualBlock(0), new VirtualBlock(10), out _), Is.EqualTo(Errno.ENODATA));
    }

    [Test]
    public void E15_a_transaction_id_changes_only_from_what_it_is()
    {
        var metadata = Open();
        Assert.That(metadata.SetTransactionId(5, 6), Is.EqualTo(Errno.EINVAL));
        Assert.That(_log.TakeNew(), Is.EqualTo(new[] { "thin metadata: mismatched transaction id" }));
        Must(metadata.SetTransactionId(0, ulong.MaxValue));
        Must(metadata.Close());
        Must(Open().GetTransactionId(out ulong id));
        Assert.That(id, Is.EqualTo(ulong.MaxValue));
    }

    [Test]
    public void E16_a_metadata_snapshot_is_held_once_and_released_once()
    {
        var metadata = OpenWithThin();
        Assert.That(metadata.ReleaseMetadataSnap(), Is.EqualTo(Errno.EINVAL));
        Must(metadata.ReserveMetadataSnap());
        Must(metadata.Commit());
        Must(metadata.GetMetadataSnap(out var held));
        Assert.That(held.Value, Is.Not.Zero);
        Assert.That(metadata.ReserveMetadataSnap(), Is.EqualTo(Errno.EBUSY));
        Must(metadata.ReleaseMetadataSnap());
        Assert.That(metadata.ReleaseMetadataSnap(), Is.EqualTo(Errno.EINVAL));
        Assert.That(_log.Lines, Is.EqualTo(new[]
        {
            "thin metadata: No pool metadata snapshot found: nothing to release.",
            "thin metadata: Pool metadata snapshot already exists: release this before taking another.",
            "thin metadata: No pool metadata snapshot found: nothing to release.",
        }));
    }

    [Test]
    public void A_tenth_of_the_metadata_is_kept_back_at_most_4096_blocks()
    {
        static ulong Free(int blocks)
        {
            Must(PoolMetadata.Open(new MemoryStore(blocks), new RecordingLog(), BlockSize, true, out var metadata));
            Must(metadata.GetFreeMetadataBlocks(out var free));
            return free.Value;
        }

        // Fresh metadata have eight blocks: superblock, index, bitmap, two overflow trees, data index, mappings, details.
        Assert.That(Free(1000), Is.EqualTo(1000 - 8 - 100));
        Assert.That(Free(60_000), Is.EqualTo(60_000 - 8 - 3 - 4096));
        Assert.That(Free(8), Is.Zero);
    }

    [Test]
    public void Space_maps_do_not_shrink()
    {
        var metadata = OpenWithThin();
        Assert.That(metadata.ResizeDataDevice(new DataBlock(99)), Is.EqualTo(Errno.EINVAL));
        Assert.That(metadata.ResizeMetadataDevice(new MetadataBlockNumber(511)), Is.EqualTo(Errno.EINVAL));
        Assert.That(_log.TakeNew(), Is.EqualTo(Enumerable.Repeat("thin metadata: cannot reduce size of space map", 2)));
    }

    [Test]
    public void An_aborted_transaction_is_gone_but_open_devices_remember_it()
    {
        var metadata = OpenWithThin();
        var device = Device(metadata, 1);
        Map(metadata, device, 3);
        Must(metadata.Commit());
        Map(metadata, device, 4);
        Must(metadata.Abort());
        Assert.That(device.AbortedWithChanges, Is.True);
        Must(metadata.FindBlock(device, new VirtualBlock(3), true, out _));
        Assert.That(metadata.FindBlock(device, new VirtualBlock(4), true, out _), Is.EqualTo(Errno.ENODATA));
        Must(metadata.GetMappedCount(device, out ulong mapped));
        Assert.That(mapped, Is.EqualTo(2));
        Assert.That(FreeData(metadata), Is.EqualTo(99));
    }

    [Test]
    public void Needs_check_reaches_the_disk_with_the_next_write_of_the_superblock()
    {
        var metadata = OpenWithThin();
        Must(metadata.SetNeedsCheck());
        Assert.That(metadata.NeedsCheck, Is.True);
        Assert.That(_store.Block(0)[4], Is.Zero);
        metadata.ReadOnly = true;
        Must(metadata.Close());
        Assert.That(_store.Block(0)[4], Is.EqualTo(1));
        Assert.That(Open().NeedsCheck, Is.True);
    }

    [Test]
    public void A_commit_that_cannot_be_written_fails_and_leaves_the_last_one()
    {
        var metadata = OpenWithThin();
        var device = Device(metadata, 1);
        byte[] before = [.. _store.Block(0)];
        Map(metadata, device, 3);
        _store.FailsWrite = _ => true;
        Assert.That(metadata.Commit(), Is.EqualTo(Errno.EIO));
        _store.FailsWrite = _ => false;
        Assert.That(_store.Block(0).ToArray(), Is.EqualTo(before));
        Must(metadata.Abort());
        Assert.That(metadata.FindBlock(device, new VirtualBlock(3), true, out _), Is.EqualTo(Errno.ENODATA));
    }

    [Test]
    public void Once_even_an_abort_fails_nothing_works_but_closing()
    {
        var metadata = OpenWithThin();
        _store.FailsRead = _ => true;
        Assert.That(metadata.Abort(), Is.EqualTo(Errno.EIO));
        _store.FailsRead = _ => false;
        Assert.That(metadata.Abort(), Is.EqualTo(Errno.EINVAL));
        Assert.That(metadata.CreateThin(new ThinId(5)), Is.EqualTo(Errno.EINVAL));
        Assert.That(metadata.OpenDevice(new ThinId(1), out _), Is.EqualTo(Errno.EINVAL));
        Assert.That(metadata.Commit(), Is.EqualTo(Errno.EINVAL));
        Assert.That(metadata.GetFreeDataBlocks(out _), Is.EqualTo(Errno.EINVAL));
        Assert.That(metadata.SetNeedsCheck(), Is.EqualTo(Errno.EINVAL));
        Must(metadata.Close());
    }

    [Test]
    public void The_data_device_is_flushed_first_and_its_failure_is_the_commits()
    {
        var metadata = OpenWithThin();
        Map(metadata, Device(metadata, 1), 3);
        _store.RecordCalls = true;
        metadata.PreCommit = () => Errno.EIO;
        Assert.That(metadata.Commit(), Is.EqualTo(Errno.EIO));
        Assert.That(_store.Calls, Is.Empty);
        Assert.That(_log.TakeNew(), Is.EqualTo(new[] { "thin metadata: pre-commit callback failed" }));
    }

    [Test]
    public void Read_only_metadata_can_be_read_and_not_committed()
    {
        var metadata = OpenWithThin();
        var device = Device(metadata, 1);
        Map(metadata, device, 3);
        Must(metadata.Commit());
        metadata.ReadOnly = true;
        Must(metadata.FindBlock(device, new VirtualBlock(3), true, out _));
        Assert.That(metadata.Commit(), Is.EqualTo(Errno.EPERM));
        Assert.That(metadata.SetNeedsCheck(), Is.EqualTo(Errno.EPERM));
        Assert.That(_log.TakeNew(), Is.EqualTo(new[] { "thin metadata: couldn't lock superblock" }));
    }

    [Test]
    public void Unknown_incompatible_features_keep_the_pool_closed()
    {
        Must(Open().Close());
        void Set(int offset, uint value)
        {
            BitConverter.TryWriteBytes(_store.Block(0)[offset..], value);
            BitConverter.TryWriteBytes(_store.Block(0), Crc32c.Of(_store.Block(0)[4..], 160774));
        }

        Set(360, 0x10);
        Assert.That(TryOpen(out _), Is.EqualTo(Errno.EINVAL));
        Set(360, 0);
        Set(356, 3);
        Assert.That(TryOpen(out _), Is.EqualTo(Errno.EINVAL));
        _store.ReadOnly = true;
        Must(TryOpen(out _));
        Assert.That(_log.Lines, Is.EqualTo(new[]
        {
            "thin metadata: could not access metadata due to unsupported optional features (10).",
            "thin metadata: could not access metadata RDWR due to unsupported optional features (3).",
        }));
    }

    [Test]
    public void What_a_lookup_missed_that_must_not_read_is_read_ahead_and_a_failure_is_not_kept()
    {
        var metadata = OpenWithThin();
        var device = Device(metadata, 1);
        Map(metadata, device, 5);
        metadata.CloseDevice(device);
        Must(metadata.Close());
        metadata = Open();
        device = Device(metadata, 1);
        Assert.That(metadata.FindBlock(device, new VirtualBlock(5), canIssueIo: false, out _), Is.EqualTo(Errno.EAGAIN));

        int reads = 0;
        bool fails = true;
        _store.FailsRead = _ => ++reads > 0 && fails;
        metadata.IssuePrefetches();
        Assert.That(reads, Is.EqualTo(1));
        Assert.That(metadata.FindBlock(device, new VirtualBlock(5), canIssueIo: true, out _), Is.EqualTo(Errno.EIO));
        Assert.That(reads, Is.EqualTo(2), "a block that could not be read ahead is read again");
        metadata.IssuePrefetches();
        Assert.That(reads, Is.EqualTo(2), "only what a lookup without I/O missed is read ahead");

        fails = false;
        Assert.That(metadata.FindBlock(device, new VirtualBlock(5), canIssueIo: false, out _), Is.EqualTo(Errno.EAGAIN));
        metadata.IssuePrefetches();
        Assert.That(reads, Is.EqualTo(3));
        Must(metadata.FindBlock(device, new VirtualBlock(5), canIssueIo: true, out _));
        Assert.That(reads, Is.EqualTo(4), "the root of the tree of trees is there, the device's tree is not");
    }

    [Test]
    public void Metadata_that_claim_nearly_2_to_the_64_blocks_of_their_own_have_none_to_give()
    {
        Must(OpenWithThin().Close());
        var super = _store.Block(0);
        super.Slice(192, 8).Fill(0xff);
        BinaryPrimitives.WriteUInt32LittleEndian(super, Crc32c.Of(super[4..], 160774));
        var metadata = Open();
        Assert.That(metadata.CreateThin(new ThinId(2)), Is.EqualTo(Errno.ENOSPC));
        Assert.That(_log.Lines, Is.EqualTo(new[] { "space map metadata: unable to allocate new metadata block" }));
    }
}
