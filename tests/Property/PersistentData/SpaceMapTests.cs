using DmSim.Abi;
using DmSim.Model.PersistentData;
using NUnit.Framework;

namespace DmSim.Property.PersistentData;

[TestFixture]
public class SpaceMapTests
{
    private static DiskSpaceMap DataMap(MetadataBench bench, ulong blocks)
    {
        MetadataBench.Must(DiskSpaceMap.Create(bench.Manager, 0, out var map));
        MetadataBench.Must(map.Extend(blocks));
        Commit(bench, map);
        return map;
    }

    private static void Commit(MetadataBench bench, DiskSpaceMap map)
    {
        MetadataBench.Must(map.Commit());
        bench.Commit();
    }

    private static ulong NewBlock(ISpaceMap map)
    {
        MetadataBench.Must(map.NewBlock(out ulong block));
        return block;
    }

    private static uint CountOf(ISpaceMap map, ulong block)
    {
        MetadataBench.Must(map.GetCount(block, out uint count));
        return count;
    }

    [Test]
    public void Counts_of_every_size_are_what_a_dictionary_has([Range(1, 4)] int seed)
    {
        const ulong Blocks = 40_000;
        var bench = new MetadataBench(2048);
        var map = DataMap(bench, Blocks);
        var expected = new uint[Blocks];
        var random = new Random(seed);
        for (int i = 0; i < 1500; i++)
        {
            ulong begin = (ulong)random.Next((int)Blocks - 200);
            ulong end = begin + (ulong)random.Next(1, 200);
            bool up = random.Next(100) < 60;
            if (!up && expected.AsSpan((int)begin, (int)(end - begin)).Contains(0u))
                continue;
            MetadataBench.Must(up ? map.Increment(begin, end) : map.Decrement(begin, end));
            for (ulong block = begin; block < end; block++)
                expected[block] = up ? expected[block] + 1 : expected[block] - 1;
            if (random.Next(50) == 0)
                Commit(bench, map);
        }
        Commit(bench, map);
        for (ulong block = 0; block < Blocks; block++)
            Assert.That(CountOf(map, block), Is.EqualTo(expected[block]), $"block {block}");
        Assert.That(map.FreeCount, Is.EqualTo((ulong)expected.Count(count => count == 0)));
        Assert.That(expected.Max(), Is.GreaterThan(4));
    }

    [Test]
    public void Blocks_are_taken_from_front_to_back_and_a_freed_one_is_used_again_only_after_a_commit()
    {
        var bench = new MetadataBench();
        var map = DataMap(bench, 4);
        Assert.That(new[] { NewBlock(map), NewBlock(map), NewBlock(map) }, Is.EqualTo(new ulong[] { 0, 1, 2 }));
        Commit(bench, map);
        MetadataBench.Must(map.Decrement(1));
        Assert.That(NewBlock(map), Is.EqualTo(3));
        Assert.That(map.NewBlock(out _), Is.EqualTo(Errno.ENOSPC));
        Commit(bench, map);
        Assert.That(NewBlock(map), Is.EqualTo(1));
        Assert.That(map.NewBlock(out _), Is.EqualTo(Errno.ENOSPC));
    }

    [Test]
    public void Growth_of_a_data_map_counts_from_the_next_commit()
    {
        var bench = new MetadataBench();
        var map = DataMap(bench, 10);
        MetadataBench.Must(map.Extend(20));
        Assert.That((map.BlockCount, map.FreeCount), Is.EqualTo((10UL, 10UL)));
        Commit(bench, map);
        Assert.That((map.BlockCount, map.FreeCount), Is.EqualTo((30UL, 30UL)));
    }

    [Test]
    public void What_no_one_has_cannot_be_given_up()
    {
        var bench = new MetadataBench();
        var map = DataMap(bench, 10);
        Assert.That(map.Decrement(3), Is.EqualTo(Errno.EINVAL));
        Assert.That(bench.Log.TakeNew(), Is.EqualTo(new[] { "space map common: unable to decrement block" }));
        Assert.That(map.GetCount(10, out _), Is.EqualTo(Errno.EINVAL));
        Assert.That(bench.Log.TakeNew(), Is.EqualTo(new[] { "space map common: metadata block out of bounds" }));
    }

    [Test]
    public void The_metadata_map_counts_its_own_blocks()
    {
        var bench = new MetadataBench(64);
        // Superblock, index, overflow tree, one bitmap.
        Assert.That(bench.UsedBlocks, Is.EqualTo(4));
        // What the index and the bitmap were before stays until the commit after.
        bench.Commit();
        Assert.That(bench.UsedBlocks, Is.EqualTo(4));
        ulong block = NewBlock(bench.Space);
        Assert.That(block, Is.EqualTo(4));
        Assert.That(CountOf(bench.Space, block), Is.EqualTo(1));
    }

    [Test]
    public void Running_out_of_metadata_is_said_each_time()
    {
        var bench = new MetadataBench(16);
        Errno errno;
        while ((errno = bench.Space.NewBlock(out _)) == Errno.None)
        {
        }
        Assert.That(errno, Is.EqualTo(Errno.ENOSPC));
        Assert.That(bench.Log.TakeNew(), Is.EqualTo(new[] { "space map metadata: unable to allocate new metadata block" }));
        Assert.That(bench.Space.NewBlock(out _), Is.EqualTo(Errno.ENOSPC));
        Assert.That(bench.Log.TakeNew(), Has.Count.EqualTo(1));
    }

    [Test]
    public void The_threshold_is_told_once_for_each_time_it_is_crossed()
    {
        var bench = new MetadataBench(32);
        int told = 0;
        bench.Space.RegisterThreshold(20, () => told++);
        ulong first = 0;
        while (bench.Space.FreeCount > 21)
            first = NewBlock(bench.Space);
        Assert.That(told, Is.Zero);
        NewBlock(bench.Space);
        Assert.That(told, Is.EqualTo(1));
        NewBlock(bench.Space);
        Assert.That(told, Is.EqualTo(1));
        // Free again, noticed at the next new block.
        for (ulong block = first - 2; block <= first; block++)
            MetadataBench.Must(bench.Space.Decrement(block));
        bench.Commit();
        NewBlock(bench.Space);
        Assert.That(told, Is.EqualTo(1));
        while (bench.Space.FreeCount > 20)
            NewBlock(bench.Space);
        Assert.That(told, Is.EqualTo(2));
    }

    [TestCase(16_000, 17_000)]
    [TestCase(100, 60_000)]
    [TestCase(40, 41)]
    public void A_grown_metadata_map_takes_what_it_needs_from_the_new_part(int blocks, int grown)
    {
        var bench = new MetadataBench(blocks);
        ulong used = bench.UsedBlocks;
        bench.Store.Resize(grown);
        MetadataBench.Must(bench.Space.Extend((ulong)(grown - blocks)));
        bench.Commit();
        Assert.That(bench.Space.BlockCount, Is.EqualTo((ulong)grown));
        ulong newBitmaps = (ulong)((grown + 16_319) / 16_320 - (blocks + 16_319) / 16_320);
        Assert.That(bench.UsedBlocks, Is.EqualTo(used + newBitmaps));
        Assert.That(CountOf(bench.Space, (ulong)blocks), Is.EqualTo(newBitmaps > 0 ? 1 : 0));
    }

    [Test]
    public void More_than_an_index_block_can_hold_is_refused()
    {
        var bench = new MetadataBench(64);
        Assert.That(bench.Space.Extend(MetadataSpaceMap.BlocksMax), Is.EqualTo(Errno.EINVAL));
        Assert.That(bench.Log.TakeNew(), Is.EqualTo(new[] { "space map common: space map too large" }));
    }
}
