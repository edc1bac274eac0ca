using DmSim.Abi;
using NUnit.Framework;

namespace DmSim.Property.PersistentData;

[TestFixture]
public class BtreeTests
{
    [Test]
    public void Keys_in_any_order_are_found_again_with_their_values([Values("up", "down", "random", "zigzag")] string order)
    {
        var bench = new MetadataBench();
        var tree = new TreeUnderTest(bench);
        var random = new Random(1);
        for (int i = 0; i < 5000; i++)
        {
            ulong key = order switch
            {
                "up" => (ulong)i,
                "down" => (ulong)(100_000 - i),
                "random" => (ulong)random.NextInt64(),
                _ => (ulong)(i % 2 == 0 ? i : 1_000_000 - i),
            };
            tree.Insert(key, (ulong)i * 3);
        }
        tree.MustHoldWhatIsExpected();
    }

    [Test]
    public void Random_changes_over_many_transactions_leave_what_a_dictionary_has([Range(1, 6)] int seed)
    {
        var bench = new MetadataBench();
        var tree = new TreeUnderTest(bench);
        var random = new Random(seed);
        for (int i = 0; i < 8000; i++)
        {
            ulong key = (ulong)random.Next(3000);
            if (random.Next(100) < 55)
                tree.Insert(key, (ulong)random.NextInt64());
            else if (random.Next(100) < 90 && tree.Expected.ContainsKey(key))
                tree.Remove(key);
            else
                tree.RemoveRun(key, key + (ulong)random.Next(40));
            if (random.Next(200) == 0)
                bench.Commit();
            if (i % 1000 == 0)
                tree.MustHoldWhatIsExpected();
        }
        tree.MustHoldWhatIsExpected();
    }

    [Test]
    public void A_tree_that_loses_all_entries_becomes_one_leaf()
    {
        var bench = new MetadataBench();
        ulong without = bench.UsedBlocks;
        var tree = new TreeUnderTest(bench);
        for (ulong key = 0; key < 20_000; key++)
            tree.Insert(key, key);
        bench.Commit();
        for (ulong key = 0; key < 20_000; key++)
            tree.Remove(key);
        bench.Commit();
        Assert.That(bench.UsedBlocks - without, Is.EqualTo(1));
        Assert.That(tree.Highest(), Is.Null);
    }

    [Test]
    public void A_key_that_is_not_there_cannot_be_removed()
    {
        var tree = new TreeUnderTest(new MetadataBench());
        for (ulong key = 0; key < 1000; key++)
            tree.Insert(2 * key, key);
        Assert.That(tree.RemoveMissing(777), Is.EqualTo(Errno.ENODATA));
    }

    [Test]
    public void Keys_that_come_in_order_fill_their_leaves()
    {
        var bench = new MetadataBench();
        ulong without = bench.UsedBlocks;
        var tree = new TreeUnderTest(bench);
        for (ulong key = 0; key < 100_000; key++)
            tree.Insert(key, key);
        bench.Commit();
        // 252 entries fit in a leaf, and as many children in a node.
        Assert.That(bench.UsedBlocks - without, Is.LessThan(100_000UL / 252 * 104 / 100));
    }

    [Test]
    public void A_deleted_tree_gives_back_every_block()
    {
        var bench = new MetadataBench();
        ulong without = bench.UsedBlocks;
        var tree = new TreeUnderTest(bench);
        var random = new Random(5);
        for (int i = 0; i < 30_000; i++)
            tree.Insert((ulong)random.Next(1 << 24), 1);
        bench.Commit();
        Assert.That(bench.UsedBlocks, Is.GreaterThan(without + 100));
        tree.Delete();
        bench.Commit();
        Assert.That(bench.UsedBlocks, Is.EqualTo(without));
    }

    [Test]
    public void A_small_cache_changes_nothing_that_is_on_disk()
    {
        static byte[] ImageWith(int cachedBlocksMax)
        {
            var bench = new MetadataBench(1024, cachedBlocksMax);
            var tree = new TreeUnderTest(bench);
            var random = new Random(9);
            for (int i = 0; i < 20_000; i++)
            {
                tree.Insert((ulong)random.Next(50_000), (ulong)i);
                if (i % 4000 == 0)
                    bench.Commit();
            }
            bench.Commit();
            return bench.Store.Image;
        }

        Assert.That(ImageWith(16), Is.EqualTo(ImageWith(4096)));
    }
}
