using DmSim.Abi;
using DmSim.Model.PersistentData;
using NUnit.Framework;

namespace DmSim.Property.PersistentData;

[TestFixture]
public class BlockManagerTests
{
    private static readonly BlockValidator Node = BtreeNodeValidator.Instance;

    private readonly RecordingLog _log = new();
    private MemoryStore _store = null!;
    private BlockManager _blocks = null!;

    [SetUp]
    public void SetUp()
    {
        _store = new MemoryStore(64) { RecordCalls = true };
        _blocks = new BlockManager(_store, _log);
        _log.Lines.Clear();
    }

    /// <summary>A good, empty leaf in block <paramref name="location"/>.</summary>
    private void PutLeaf(ulong location)
    {
        Assert.That(_blocks.WriteLockZero(location, Node, out var block), Is.EqualTo(Errno.None));
        var node = new BtreeNode(block.Data);
        node.Flags = BtreeNode.LeafFlag;
        node.MaxEntries = 252;
        node.ValueSize = 8;
        _blocks.Unlock(block);
    }

    private Errno Look(ulong location, BlockValidator? validator)
    {
        var errno = _blocks.ReadLock(location, validator, out var block);
        if (errno == Errno.None)
            _blocks.Unlock(block);
        return errno;
    }

    [Test]
    public void The_checksum_is_crc32c_without_the_last_inversion()
    {
        // The check value of CRC-32C for the digits one to nine is E3069283.
        Assert.That(Crc32c.Of("123456789"u8, 0), Is.EqualTo(~0xE3069283u));
        Assert.That(Crc32c.Of("123456789"u8, 121107), Is.EqualTo(~0xE3069283u ^ 121107));
    }

    [Test]
    public void A_number_that_would_lie_outside_its_block_reads_as_zero()
    {
        byte[] block = [.. Enumerable.Repeat((byte)1, BlockManager.BlockSize)];
        foreach (long offset in (long[])[long.MinValue, -8, -1, BlockManager.BlockSize - 7, BlockManager.BlockSize, long.MaxValue])
            Assert.That(LittleEndian.ReadU64(block, offset), Is.Zero, $"at {offset}");
        Assert.That(LittleEndian.ReadU64(block, BlockManager.BlockSize - 8), Is.Not.Zero);
    }

    [Test]
    public void A_flush_writes_what_was_changed_and_flushes_the_device_after_it()
    {
        foreach (ulong block in new ulong[] { 9, 3, 7 })
            PutLeaf(block);
        _store.Calls.Clear();
        Assert.That(_blocks.Flush(), Is.EqualTo(Errno.None));
        Assert.That(_store.Calls[^1], Is.EqualTo("flush"));
        Assert.That(_store.Calls, Does.Contain("write 7"));
        _store.Calls.Clear();
        Assert.That(_blocks.Flush(), Is.EqualTo(Errno.None));
        Assert.That(_store.Calls, Is.EqualTo(new[] { "flush" }));
    }

    [Test]
    public void Changed_blocks_are_written_early_when_they_are_three_quarters_of_the_cache()
    {
        // Reads make clean blocks; up to three changed ones for each of these stay in memory.
        Assert.That(Look(50, null), Is.EqualTo(Errno.None));
        Assert.That(Look(51, null), Is.EqualTo(Errno.None));
        for (ulong block = 1; block <= 7; block++)
            PutLeaf(block);
        Assert.That(_store.Calls, Is.Empty);
        PutLeaf(8);
        Assert.That(_store.Calls, Has.Count.EqualTo(7));
    }

    [Test]
    public void What_is_not_a_node_is_refused_with_the_kernels_words()
    {
        PutLeaf(5);
        Assert.That(_blocks.Flush(), Is.EqualTo(Errno.None));
        _blocks.Reset();
        _store.Block(5).CopyTo(_store.Block(6));
        _store.Block(5)[100] ^= 1;
        uint good = BitConverter.ToUInt32(_store.Block(6));

        Assert.That(Look(5, Node), Is.EqualTo(Errno.EILSEQ));
        Assert.That(Look(6, Node), Is.EqualTo(Errno.ENOTBLK));
        Assert.That(Look(7, Node), Is.EqualTo(Errno.ENOTBLK));
        Assert.That(_log.Lines[0], Does.StartWith("btree spine: node_check failed: csum ").And.EndsWith($" != wanted {good}"));
        Assert.That(_log.Lines.Skip(1), Is.EqualTo(new[]
        {
            "block manager: btree_node validator check failed for block 5",
            "btree spine: node_check failed: blocknr 5 != wanted 6",
            "block manager: btree_node validator check failed for block 6",
            "btree spine: node_check failed: blocknr 0 != wanted 7",
            "block manager: btree_node validator check failed for block 7",
        }));
    }

    [TestCase(20, 253u, "max_entries too large")]
    [TestCase(24, 9u, "max_entries too large")]
    [TestCase(16, 253u, "too many entries")]
    [TestCase(4, 4u, "node is neither INTERNAL or LEAF")]
    public void A_node_with_a_good_checksum_and_bad_numbers_is_refused(int offset, uint value, string complaint)
    {
        PutLeaf(5);
        Assert.That(_blocks.ReadLock(5, Node, out var block), Is.EqualTo(Errno.None));
        BitConverter.TryWriteBytes(block.Data.AsSpan(offset), value);
        if (offset == 20)
            BitConverter.TryWriteBytes(block.Data.AsSpan(24), 9u);
        block.WriteLocked = true;
        _blocks.Unlock(block);
        Assert.That(_blocks.Flush(), Is.EqualTo(Errno.None));
        _blocks.Reset();
        Assert.That(Look(5, Node), Is.EqualTo(Errno.EILSEQ));
        Assert.That(_log.Lines[0], Is.EqualTo($"btree spine: node_check failed: {complaint}"));
    }

    [Test]
    public void A_block_known_to_be_of_one_kind_is_no_other()
    {
        PutLeaf(5);
        Assert.That(Look(5, SpaceMapBitmap.Validator), Is.EqualTo(Errno.EINVAL));
        Assert.That(Look(5, null), Is.EqualTo(Errno.EINVAL));
        Assert.That(_log.Lines, Is.EqualTo(new[]
        {
            "block manager: validator mismatch (old=btree_node vs new=sm_bitmap) for block 5",
            "block manager: validator mismatch (old=btree_node vs new=NULL) for block 5",
        }));
    }

    [Test]
    public void Read_only_refuses_to_lock_for_writing_and_to_flush()
    {
        _blocks.ReadOnly = true;
        Assert.That(_blocks.WriteLock(1, null, out _), Is.EqualTo(Errno.EPERM));
        Assert.That(_blocks.WriteLockZero(1, null, out _), Is.EqualTo(Errno.EPERM));
        Assert.That(_blocks.Flush(), Is.EqualTo(Errno.EPERM));
        Assert.That(Look(1, null), Is.EqualTo(Errno.None));
    }

    [Test]
    public void A_write_that_failed_is_told_by_the_next_flush_and_forgotten()
    {
        _store.FailsWrite = block => block == 5;
        PutLeaf(5);
        Assert.That(_blocks.Flush(), Is.EqualTo(Errno.EIO));
        Assert.That(_blocks.Flush(), Is.EqualTo(Errno.None));
        // The block itself is still there until it is used once more; then the disk is looked at again.
        Assert.That(Look(5, Node), Is.EqualTo(Errno.None));
        Assert.That(Look(5, Node), Is.EqualTo(Errno.ENOTBLK));
    }

    [Test]
    public void A_write_beside_the_way_fails_when_its_writer_sleeps_for_a_read()
    {
        _store.FailsWrite = block => block == 5;
        PutLeaf(5);
        _store.Calls.Clear();
        // All blocks are changed ones: the next that is asked for has them written.
        PutLeaf(6);
        Assert.That(_store.Calls, Does.Contain("write 5"));
        Assert.That(Look(5, Node), Is.EqualTo(Errno.None));
        Assert.That(Look(5, Node), Is.EqualTo(Errno.None));
        Assert.That(Look(20, null), Is.EqualTo(Errno.None));
        Assert.That(Look(5, Node), Is.EqualTo(Errno.None));
        Assert.That(Look(5, Node), Is.EqualTo(Errno.ENOTBLK));
    }

    [Test]
    public void Blocks_behind_the_end_cannot_be_read_and_huge_numbers_wrap_round()
    {
        Assert.That(Look(64, null), Is.EqualTo(Errno.EIO));
        Assert.That(Look(ulong.MaxValue, null), Is.EqualTo(Errno.EIO));
        // Its sector number has lost the top bits: the disk is read at block 0.
        Assert.That(Look(1UL << 61, null), Is.EqualTo(Errno.None));
    }

    [Test]
    public void Who_must_not_wait_gets_only_what_is_in_memory()
    {
        Assert.That(_blocks.ReadTryLock(3, null, out _), Is.EqualTo(Errno.EAGAIN));
        Assert.That(Look(3, null), Is.EqualTo(Errno.None));
        Assert.That(_blocks.ReadTryLock(3, null, out var block), Is.EqualTo(Errno.None));
        _blocks.Unlock(block);
    }
}
