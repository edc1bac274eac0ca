using System.Xml.Linq;
using DmSim.Property.PersistentData;
using NUnit.Framework;

namespace DmSim.Property.Thin;

/// <summary>What thin_check, thin_dump and thin_ls say of metadata that the model wrote.</summary>
[TestFixture]
public class ThinToolsTests
{
    [Test]
    public void Metadata_pass_thin_check_after_any_sequence([Range(1, 12)] int seed)
    {
        ThinTools.Require("thin_check");
        var driver = new PoolDriver(new MemoryStore(4096), 60_000);
        driver.Run(RandomPoolScripts.Commands(seed, steps: 60, virtualBlocks: seed % 2 == 0 ? 400 : 5000, writesMax: 300));
        driver.Close();
        ThinTools.MustPassCheck(driver.Store.Image);
        Assert.That(driver.Log.Lines, Is.Empty);
    }

    [Test]
    public void Every_commit_leaves_metadata_that_pass_thin_check()
    {
        ThinTools.Require("thin_check");
        var driver = new PoolDriver(new MemoryStore(1024), 20_000);
        int commits = 0;
        foreach (string command in RandomPoolScripts.Commands(99, steps: 40, virtualBlocks: 1000, writesMax: 60))
        {
            driver.Run(command);
            if (command is "commit" || command.StartsWith("create", StringComparison.Ordinal))
            {
                ThinTools.MustPassCheck(driver.Store.Image);
                commits++;
            }
        }
        Assert.That(commits, Is.GreaterThan(10));
    }

    [Test]
    public void Thin_dump_shows_each_mapping_where_it_was_put()
    {
        ThinTools.Require("thin_dump");
        var driver = new PoolDriver(new MemoryStore(256), 100);
        driver.Run(["create_thin 1", "write 1 0", "write 1 1", "write 1 5", "create_snap 2 1", "write 1 0", "set_transaction_id 0 7"]);
        driver.Close();
        var dump = XElement.Parse(ThinTools.Dump(driver.Store.Image));
        Assert.That((string?)dump.Attribute("transaction"), Is.EqualTo("7"));
        Assert.That(dump.Elements("device").Select(device => string.Join(" ", device.Attributes())), Is.EqualTo(new[]
        {
            "dev_id=\"1\" mapped_blocks=\"3\" transaction=\"0\" creation_time=\"0\" snap_time=\"1\"",
            "dev_id=\"2\" mapped_blocks=\"3\" transaction=\"0\" creation_time=\"1\" snap_time=\"1\"",
        }));
        Assert.That(dump.Descendants().Where(e => e.Name != "device").Select(e => string.Join(" ", e.Attributes())), Is.EqualTo(new[]
        {
            "origin_block=\"0\" data_block=\"3\" time=\"1\"",
            "origin_block=\"1\" data_block=\"1\" time=\"0\"",
            "origin_block=\"5\" data_block=\"2\" time=\"0\"",
            "origin_begin=\"0\" data_begin=\"0\" length=\"2\" time=\"0\"",
            "origin_block=\"5\" data_block=\"2\" time=\"0\"",
        }));
    }

    [Test]
    public void Thin_ls_counts_what_is_shared()
    {
        ThinTools.Require("thin_ls");
        var driver = new PoolDriver(new MemoryStore(256), 100);
        driver.Run(["create_thin 1", "write 1 0", "write 1 1", "create_snap 2 1", "write 2 1", "write 2 9"]);
        driver.Close();
        var (status, output) = ThinTools.Run(driver.Store.Image, "thin_ls", "--no-headers", "-o", "DEV,MAPPED_BLOCKS,EXCLUSIVE_BLOCKS,SHARED_BLOCKS", "{}");
        Assert.That(status, Is.Zero, output);
        string[] lines = [.. output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        Assert.That(lines, Does.Contain("1 2 1 1").And.Contain("2 3 2 1"));
    }

    [Test]
    public void The_held_root_shows_what_was_while_the_pool_goes_on()
    {
        ThinTools.Require("thin_dump", "thin_check");
        var driver = new PoolDriver(new MemoryStore(256), 100);
        driver.Run(["create_thin 1", "write 1 0", "commit"]);
        string before = ThinTools.Dump(driver.Store.Image);
        driver.Run(["reserve_metadata_snap", "write 1 1", "create_snap 2 1", "write 1 0", "commit"]);
        ThinTools.MustPassCheck(driver.Store.Image);
        Assert.That(ThinTools.Dump(driver.Store.Image), Is.Not.EqualTo(before));
        Assert.That(Devices(ThinTools.Dump(driver.Store.Image, "-m")), Is.EqualTo(Devices(before)));
        driver.Run(["release_metadata_snap", "commit"]);
        ThinTools.MustPassCheck(driver.Store.Image);
    }

    [Test]
    public void Thin_delta_tells_apart_what_a_snapshot_and_its_origin_share()
    {
        ThinTools.Require("thin_delta");
        var driver = new PoolDriver(new MemoryStore(256), 100);
        driver.Run(["create_thin 1", "write 1 0", "write 1 1", "write 1 2", "create_snap 2 1", "write 1 1", "write 2 4", "write 1 6"]);
        driver.Close();
        var (status, output) = ThinTools.Run(driver.Store.Image, "thin_delta", "--snap1", "1", "--snap2", "2", "{}");
        Assert.That(status, Is.Zero, output);
        Assert.That(XElement.Parse(output).Descendants("diff").Elements().Select(e => $"{e.Name} {string.Join(" ", e.Attributes())}"), Is.EqualTo(new[]
        {
            "same begin=\"0\" length=\"1\"",
            "different begin=\"1\" length=\"1\"",
            "same begin=\"2\" length=\"1\"",
            "right_only begin=\"4\" length=\"1\"",
            "left_only begin=\"6\" length=\"1\"",
        }));
    }

    [Test]
    public void What_thin_restore_makes_of_a_dump_the_model_opens()
    {
        ThinTools.Require("thin_dump", "thin_restore");
        var driver = new PoolDriver(new MemoryStore(256), 100);
        driver.Run(["create_thin 1", "write 1 0", "write 1 5", "create_snap 2 1", "write 2 5", "set_transaction_id 0 3"]);
        driver.Close();
        string dump = ThinTools.Dump(driver.Store.Image);
        string xml = Path.GetTempFileName();
        try
        {
            File.WriteAllText(xml, dump);
            var restored = new MemoryStore(ThinTools.Changed(new byte[256 * 4096], "thin_restore", "-i", xml, "-o", "{}"));
            Assert.That(ThinTools.Dump(restored.Image), Is.EqualTo(dump));
            var reopened = new PoolDriver(restored, 100);
            reopened.Close();
            ThinTools.MustPassCheck(restored.Image);
            Assert.That(Devices(ThinTools.Dump(restored.Image)), Is.EqualTo(Devices(dump)));
        }
        finally
        {
            File.Delete(xml);
        }
    }

    /// <summary>All but the superblock's line, which for a held root has no numbers of space maps.</summary>
    private static string Devices(string dump) => string.Concat(XElement.Parse(dump).Elements().Select(e => e.ToString()));
}
